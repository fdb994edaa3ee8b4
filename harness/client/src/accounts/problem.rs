//! Problems of accounts files.

use hearback_config::Problem;
use hearback_contract::UserId;

/// A problem of an accounts file.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum AccountProblem {
    /// The file has no account.
    #[error("the accounts file has no [[account]]")]
    NoAccount,
    /// A user name is empty.
    #[error("`username` must not be empty")]
    EmptyUsername,
    /// Two accounts have the same user name.
    #[error("two accounts have the user name `{0}`")]
    DuplicateUsername(String),
    /// An account has no secret.
    #[error("the account `{0}` has no password or token")]
    NoSecret(String),
    /// An account has several secrets, or a refresh token without access token.
    #[error("the account `{0}` has conflicting secrets")]
    ConflictingSecrets(String),
    /// A token is not a token.
    #[error("the {kind} token of `{username}` has characters that a header cannot have")]
    Token {
        /// User name of the account.
        username: String,
        /// `access` or `refresh`.
        kind: &'static str,
    },
    /// The user has another id at the target.
    #[error("`{username}` has the id {id} in the accounts file, but {actual} at the target")]
    IdMismatch {
        /// User name of the account.
        username: String,
        /// Id in the file.
        id: UserId,
        /// Id in the response to creating a room.
        actual: UserId,
    },
}

impl AccountProblem {
    fn help(&self) -> Option<String> {
        const ONE_OF: &str = "set one of `password`, `password_env`, `access` or `access_env`; `refresh` or \
                              `refresh_env` may follow an access token";
        match self {
            Self::NoAccount => {
                Some("add an [[account]] with `username` and `password_env`".to_owned())
            }
            Self::NoSecret(_) | Self::ConflictingSecrets(_) => Some(ONE_OF.to_owned()),
            Self::Token { .. } => Some("write the token alone, on one line".to_owned()),
            Self::IdMismatch { username, .. } => Some(format!(
                "correct or remove the id. If it is correct, the target is wrong: in `created_by` and in the \
                 participants of a room that `{username}` creates"
            )),
            Self::EmptyUsername | Self::DuplicateUsername(_) => None,
        }
    }
}

impl From<AccountProblem> for Problem {
    fn from(problem: AccountProblem) -> Self {
        Self::new(&problem).with_help(problem.help())
    }
}
