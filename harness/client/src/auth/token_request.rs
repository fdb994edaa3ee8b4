//! Requests of the token operations, with credentials of every kind. Section *Getting JWT Tokens*.

use hearback_contract::Operation;
use hearback_history::CredentialKind;
use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::accounts::AccountSecret;
use crate::actor::Actor;
use crate::auth::session::CredentialError;
use crate::rest::request::Request;

/// A password that is nobody's.
const WRONG_PASSWORD: &str = "hearback-wrong-password";

/// A user that does not exist.
const UNKNOWN_USER: &str = "hearback-unknown-user";

impl Actor {
    /// A request for tokens with credentials of this kind; see [`CredentialKind`] for what they are.
    ///
    /// # Errors
    /// If there is nothing that such credentials could be, or be made from.
    pub fn token_request(
        &self,
        operation: Operation,
        kind: CredentialKind,
    ) -> Result<Request, CredentialError> {
        let body = match (operation, kind, &self.account().secret) {
            (Operation::TokenObtain, CredentialKind::Access, AccountSecret::Password(password)) => {
                json!({"username": self.name(), "password": password.expose_secret()})
            }
            (Operation::TokenObtain, CredentialKind::Access, AccountSecret::Tokens { .. }) => {
                return Err(CredentialError::NoPassword);
            }
            (Operation::TokenObtain, CredentialKind::Garbage, _) => {
                json!({"username": self.name(), "password": WRONG_PASSWORD})
            }
            (Operation::TokenObtain, CredentialKind::Anonymous, _) => {
                json!({"username": UNKNOWN_USER, "password": WRONG_PASSWORD})
            }
            (Operation::TokenRefresh, _, _) => {
                json!({"refresh": self.token_for_refresh(kind)?.expose_secret()})
            }
            _ => return Err(CredentialError::NotApplicable),
        };
        Ok(Request::new(operation).json(body).credential(kind))
    }
}
