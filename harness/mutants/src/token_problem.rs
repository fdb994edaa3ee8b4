//! Problems of tokens.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hearback_reference::tokens::{Signer, TokenError, TokenType};
use hearback_reference::users::UserId;
use serde_json::Value;

/// The problem of a token that the server rejects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenProblem {
    /// It is missing.
    Missing,
    /// It is not a JSON Web Token.
    Malformed,
    /// It declares that it is not signed.
    Unsigned,
    /// Its signature is wrong.
    BadSignature,
    /// It has expired.
    Expired,
    /// It is of the wrong type.
    WrongType,
}

/// The user that a server assumes for a token which names none.
const FIRST_USER: UserId = 1;

impl TokenProblem {
    /// The problem of a token of this type, and the user that it names.
    pub(crate) fn of(
        signer: &Signer,
        token: Option<&str>,
        token_type: TokenType,
    ) -> Option<(Self, UserId)> {
        let Some(token) = token else { return Some((Self::Missing, FIRST_USER)) };
        let error = signer.verify(token, token_type).err()?;
        let part = |index| -> Option<Value> {
            let decoded = URL_SAFE_NO_PAD.decode(token.split('.').nth(index)?).ok()?;
            serde_json::from_slice(&decoded).ok()
        };
        let (Some(header), Some(claims)) = (part(0), part(1)) else {
            return Some((Self::Malformed, FIRST_USER));
        };
        let problem = match error {
            _ if header["alg"] == "none" => Self::Unsigned,
            TokenError::Malformed | TokenError::BadSignature => Self::BadSignature,
            TokenError::Expired => Self::Expired,
            TokenError::WrongType => Self::WrongType,
        };
        Some((problem, claims["user_id"].as_i64().unwrap_or(FIRST_USER)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn problem(signer: &Signer, token: &str) -> Option<(TokenProblem, UserId)> {
        TokenProblem::of(signer, Some(token), TokenType::Access)
    }

    #[test]
    fn problems_are_distinguished() {
        let signer = Signer::new(b"secret", HOUR, HOUR);
        let access = signer.issue(7, TokenType::Access).unwrap();
        assert_eq!(problem(&signer, &access), None);
        assert_eq!(
            TokenProblem::of(&signer, None, TokenType::Access),
            Some((TokenProblem::Missing, FIRST_USER))
        );
        assert_eq!(problem(&signer, "text"), Some((TokenProblem::Malformed, FIRST_USER)));

        let refresh = signer.issue(7, TokenType::Refresh).unwrap();
        assert_eq!(problem(&signer, &refresh), Some((TokenProblem::WrongType, 7)));
        let forged = Signer::new(b"other", HOUR, HOUR).issue(7, TokenType::Access).unwrap();
        assert_eq!(problem(&signer, &forged), Some((TokenProblem::BadSignature, 7)));
        let claims = access.split('.').nth(1).unwrap();
        let unsigned = format!("{}.{claims}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#));
        assert_eq!(problem(&signer, &unsigned), Some((TokenProblem::Unsigned, 7)));
    }
}
