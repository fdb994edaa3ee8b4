//! JSON Web Tokens. Section *Authentication*.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, get_current_timestamp,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::refusal::Refusal;
use crate::users::UserId;

/// Purpose of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenType {
    /// Authenticates operations and sockets.
    Access,
    /// Is exchanged for new access tokens.
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

/// A place where clients show a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryPoint {
    /// An operation.
    Operation,
    /// The handshake of a socket.
    Socket,
    /// The operation that refreshes tokens.
    Refresh,
}

impl EntryPoint {
    /// The type of token that is valid here.
    pub fn token_type(self) -> TokenType {
        match self {
            Self::Operation | Self::Socket => TokenType::Access,
            Self::Refresh => TokenType::Refresh,
        }
    }
}

/// Reason why a token is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// It is not a JSON Web Token with the expected claims.
    Malformed,
    /// Its signature, or the algorithm of the signature, is wrong.
    BadSignature,
    /// It has expired.
    Expired,
    /// It is of the other type.
    WrongType,
}

/// Issues and verifies tokens with one key.
pub struct Signer {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    access_lifetime: Duration,
    refresh_lifetime: Duration,
}

impl Signer {
    /// A signer with this key; lifetimes are in whole seconds.
    pub fn new(secret: &[u8], access_lifetime: Duration, refresh_lifetime: Duration) -> Self {
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

    /// Issues a token to a user.
    ///
    /// # Errors
    ///
    /// [`Refusal::Internal`] if signing fails.
    pub fn issue(&self, user: UserId, token_type: TokenType) -> Result<String, Refusal> {
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

    /// The time until a valid token expires.
    pub fn remaining(&self, token: &str) -> Option<Duration> {
        let claims: Claims =
            jsonwebtoken::decode(token, &self.decoding, &self.validation).ok()?.claims;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
        Some(Duration::from_secs(claims.exp).saturating_sub(now))
    }

    /// The owner of a valid token of this type.
    ///
    /// # Errors
    ///
    /// [`TokenError`] if the token is not valid.
    pub fn verify(&self, token: &str, token_type: TokenType) -> Result<UserId, TokenError> {
        let claims: Claims = jsonwebtoken::decode(token, &self.decoding, &self.validation)
            .map_err(|error| match error.kind() {
                ErrorKind::ExpiredSignature => TokenError::Expired,
                ErrorKind::InvalidSignature | ErrorKind::InvalidAlgorithm => {
                    TokenError::BadSignature
                }
                _ => TokenError::Malformed,
            })?
            .claims;
        if claims.token_type != token_type {
            return Err(TokenError::WrongType);
        }
        Ok(claims.user_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(secret: &str) -> Signer {
        Signer::new(secret.as_bytes(), Duration::from_secs(60), Duration::from_secs(60))
    }

    #[test]
    fn tokens_are_valid_for_their_own_type_only() {
        let signer = signer("secret");
        let access = signer.issue(7, TokenType::Access).unwrap();
        assert_eq!(signer.verify(&access, TokenType::Access), Ok(7));
        assert_eq!(signer.verify(&access, TokenType::Refresh), Err(TokenError::WrongType));
    }

    #[test]
    fn forged_and_expired_tokens_are_not_valid() {
        let signer = signer("secret");
        let forged = self::signer("other").issue(7, TokenType::Access).unwrap();
        assert_eq!(signer.verify(&forged, TokenType::Access), Err(TokenError::BadSignature));

        let claims = Claims {
            token_type: TokenType::Access,
            exp: get_current_timestamp() - 1,
            iat: 0,
            jti: Uuid::new_v4(),
            user_id: 7,
        };
        let expired = jsonwebtoken::encode(&Header::default(), &claims, &signer.encoding).unwrap();
        assert_eq!(signer.verify(&expired, TokenType::Access), Err(TokenError::Expired));
        let longer = Header::new(Algorithm::HS512);
        let other_algorithm = jsonwebtoken::encode(&longer, &claims, &signer.encoding).unwrap();
        let refused = signer.verify(&other_algorithm, TokenType::Access);
        assert_eq!(refused, Err(TokenError::BadSignature));
        assert_eq!(signer.verify("text", TokenType::Access), Err(TokenError::Malformed));
    }
}
