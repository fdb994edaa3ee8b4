//! JSON Web Tokens. Section *Authentication*.

use std::time::Duration;

use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, get_current_timestamp,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::directory::UserId;
use crate::refusal::Refusal;

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TokenType {
    /// Opens operations and sockets.
    Access,
    /// Buys access tokens.
    Refresh,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    token_type: TokenType,
    exp: u64,
    iat: u64,
    jti: Uuid,
    user_id: UserId,
}

/// Where a token is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// The operations.
    Operations,
    /// The handshake of a socket.
    Socket,
    /// The refreshing of tokens.
    Refresh,
}

impl Door {
    /// The type of token that opens it.
    pub(crate) fn opened_by(self) -> TokenType {
        match self {
            Self::Operations | Self::Socket => TokenType::Access,
            Self::Refresh => TokenType::Refresh,
        }
    }
}

/// Issues and verifies tokens under one key.
pub(crate) struct Signer {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    access_lifetime: Duration,
    refresh_lifetime: Duration,
}

impl Signer {
    /// A signer with this key; lifetimes count in whole seconds.
    pub(crate) fn new(
        secret: &[u8],
        access_lifetime: Duration,
        refresh_lifetime: Duration,
    ) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 0;
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
            access_lifetime,
            refresh_lifetime,
        }
    }

    /// A new token for the user.
    pub(crate) fn issue(&self, user: UserId, token_type: TokenType) -> Result<String, Refusal> {
        let lifetime = match token_type {
            TokenType::Access => self.access_lifetime,
            TokenType::Refresh => self.refresh_lifetime,
        };
        let now = get_current_timestamp();
        let claims = Claims {
            token_type,
            exp: now + lifetime.as_secs(),
            iat: now,
            jti: Uuid::new_v4(),
            user_id: user,
        };
        jsonwebtoken::encode(&Header::default(), &claims, &self.encoding)
            .map_err(|_| Refusal::Internal)
    }

    /// Whose token this is, if it is valid and of this type.
    pub(crate) fn verify(&self, token: &str, token_type: TokenType) -> Result<UserId, Refusal> {
        let claims: Claims = jsonwebtoken::decode(token, &self.decoding, &self.validation)
            .map_err(|_| Refusal::Unauthenticated("The token is invalid or has expired."))?
            .claims;
        if claims.token_type != token_type {
            return Err(Refusal::Unauthenticated("The token is of the wrong type."));
        }
        Ok(claims.user_id)
    }
}

impl Signer {
    /// Whether the token was signed with this key, whatever it says.
    pub(crate) fn signed(&self, token: &str) -> bool {
        let validation = Validation { validate_exp: false, ..self.validation.clone() };
        jsonwebtoken::decode::<serde::de::IgnoredAny>(token, &self.decoding, &validation).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(secret: &str) -> Signer {
        Signer::new(secret.as_bytes(), Duration::from_secs(60), Duration::from_secs(60))
    }

    #[test]
    fn a_token_opens_what_it_was_issued_for() {
        let signer = signer("secret");
        let access = signer.issue(7, TokenType::Access).unwrap();
        assert_eq!(signer.verify(&access, TokenType::Access), Ok(7));
        signer.verify(&access, TokenType::Refresh).unwrap_err();
    }

    #[test]
    fn forged_and_expired_tokens_open_nothing() {
        let signer = signer("secret");
        let forged = self::signer("other").issue(7, TokenType::Access).unwrap();
        signer.verify(&forged, TokenType::Access).unwrap_err();

        let claims = Claims {
            token_type: TokenType::Access,
            exp: get_current_timestamp() - 1,
            iat: 0,
            jti: Uuid::new_v4(),
            user_id: 7,
        };
        let expired = jsonwebtoken::encode(&Header::default(), &claims, &signer.encoding).unwrap();
        signer.verify(&expired, TokenType::Access).unwrap_err();
        let longer = Header::new(Algorithm::HS512);
        let other_algorithm = jsonwebtoken::encode(&longer, &claims, &signer.encoding).unwrap();
        signer.verify(&other_algorithm, TokenType::Access).unwrap_err();
    }
}
