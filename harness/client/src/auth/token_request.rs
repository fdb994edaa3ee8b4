//! Requests of the token operations. Section *Getting JWT Tokens*.

use hearback_contract::Operation;
use hearback_history::{ActorName, CredentialKind, UNKNOWN_USER};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::session::{CredentialError, Session};
use crate::accounts::{Account, AccountSecret};
use crate::limits::failed_logins::WRONG_PASSWORD;
use crate::rest::Request;

/// A request of a token operation with a kind of credential, as [`CredentialKind`] describes them.
///
/// A wrong password is tried for `wrong_password_of`.
///
/// # Errors
/// If the operation does not accept this kind of credential, or the account and the session lack a secret for it.
pub(crate) fn token_request(
    operation: Operation,
    kind: CredentialKind,
    account: &Account,
    session: &Session,
    jwt_secret: Option<&SecretString>,
    wrong_password_of: &ActorName,
) -> Result<Request, CredentialError> {
    let body = match (operation, kind, &account.secret) {
        (Operation::TokenObtain, CredentialKind::Access, AccountSecret::Password(password)) => {
            json!({"username": account.username, "password": password.expose_secret()})
        }
        (Operation::TokenObtain, CredentialKind::Access, AccountSecret::Tokens { .. }) => {
            return Err(CredentialError::NoPassword);
        }
        (Operation::TokenObtain, CredentialKind::Garbage, _) => {
            json!({"username": wrong_password_of, "password": WRONG_PASSWORD})
        }
        (Operation::TokenObtain, CredentialKind::Anonymous, _) => {
            json!({"username": UNKNOWN_USER, "password": WRONG_PASSWORD})
        }
        (Operation::TokenRefresh, _, _) => {
            json!({"refresh": session.token_for_refresh(kind, jwt_secret)?.expose_secret()})
        }
        _ => return Err(CredentialError::NotApplicable),
    };
    Ok(Request::new(operation).json(body).credential(kind))
}
