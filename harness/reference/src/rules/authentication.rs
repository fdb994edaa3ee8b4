//! Logins and tokens. Section *Authentication*.

use crate::refusal::Refusal;
use crate::tokens::{EntryPoint, Signer};
use crate::users::{Credentials, UserId};

/// Decides who may log in, and which tokens are valid. Section *Authentication*.
pub trait Authentication: Send + Sync {
    /// True if a password opens an account: only the password of the account does.
    fn accepts(&self, credentials: &Credentials, password: &str) -> bool {
        credentials.matches(password)
    }

    /// The refusal of a login: the same for a wrong password and for an unknown user, so that it
    /// does not reveal which users exist.
    fn login_refusal(&self, _user_exists: bool) -> Refusal {
        Refusal::Unauthenticated("The user name or the password is wrong.")
    }

    /// The user of a token: its owner, if it is valid and of the type that the entry point expects.
    fn authenticate(
        &self,
        signer: &Signer,
        token: Option<&str>,
        entry: EntryPoint,
    ) -> Result<UserId, Refusal> {
        let token = token.ok_or(Refusal::Unauthenticated("A token is required."))?;
        signer
            .verify(token, entry.token_type())
            .map_err(|_| Refusal::Unauthenticated("The token is not valid."))
    }

    /// Returns whether a socket ends when its access token expires.
    fn ends_sockets(&self) -> bool {
        true
    }
}
