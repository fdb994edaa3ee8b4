//! Errors of accounts files, with the location but without secrets.

use std::io;
use std::ops::Range;

use hearback_contract::{UnknownId, UserId};
use miette::{Diagnostic, NamedSource, SourceSpan};

/// Keys whose values are not secrets.
const PUBLIC: [&str; 9] = [
    "username",
    "password_env",
    "access_env",
    "refresh_env",
    "id",
    "full_name",
    "creates_rooms",
    "task",
    "property",
];

/// Headings of tables.
const HEADINGS: [&str; 2] = ["[[account]]", "[fixtures]"];

/// Error of an accounts file.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum AccountsError {
    /// The file could not be read.
    #[error("the accounts file {path} could not be read")]
    #[diagnostic(help("--accounts expects the path of a TOML file with one [[account]] per user"))]
    Unreadable {
        /// Path of the file.
        path: String,
        /// Error of the operating system.
        source: io::Error,
    },
    /// The content of the file is invalid.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Invalid(Box<InvalidAccounts>),
}

/// A problem with its location in the file.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{problem}")]
pub struct InvalidAccounts {
    /// The problem.
    pub problem: Problem,
    #[source_code]
    source_code: NamedSource<String>,
    #[label("here")]
    span: SourceSpan,
    #[help]
    help: Option<String>,
}

/// Problems of accounts files.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Problem {
    /// The file is not TOML, or a value has the wrong type.
    #[error("invalid accounts file: {0}")]
    Syntax(String),
    /// A key is unknown.
    #[error("unknown key `{}`", .0.name)]
    UnknownKey(UnknownId),
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
    /// An environment variable is not set.
    #[error("the environment variable {0} is not set or empty")]
    UnsetVariable(String),
}

impl Problem {
    fn help(&self) -> Option<String> {
        const ONE_OF: &str = "set one of `password`, `password_env`, `access` or `access_env`; `refresh` or \
                              `refresh_env` may follow an access token";
        match self {
            Self::UnknownKey(unknown) => unknown.suggestions.help(),
            Self::NoAccount => {
                Some("add an [[account]] with `username` and `password_env`".to_owned())
            }
            Self::NoSecret(_) | Self::ConflictingSecrets(_) => Some(ONE_OF.to_owned()),
            Self::IdMismatch { username, .. } => Some(format!(
                "correct or remove the id. If it is correct, the target is wrong: in `created_by` and in the \
                 participants of a room that `{username}` creates"
            )),
            Self::UnsetVariable(name) => Some(format!("run `export {name}=…` first")),
            _ => None,
        }
    }
}

impl InvalidAccounts {
    pub(super) fn new(file: &str, text: &str, problem: Problem, span: Range<usize>) -> Self {
        Self {
            help: problem.help(),
            problem,
            source_code: NamedSource::new(file, masked(text)),
            span: span.into(),
        }
    }
}

impl From<InvalidAccounts> for AccountsError {
    fn from(invalid: InvalidAccounts) -> Self {
        Self::Invalid(Box::new(invalid))
    }
}

/// `text` with `*` for each byte of a value that may be a secret, since diagnostics end up in logs.
fn masked(text: &str) -> String {
    text.split_inclusive('\n')
        .map(|line| {
            let key = line.split('=').next().unwrap_or_default().trim();
            // A second `=` may begin a secret that a missing line break moved here.
            let is_public = PUBLIC.contains(&key) && line.matches('=').count() == 1;
            if is_public || HEADINGS.contains(&line.trim()) {
                return line.to_owned();
            }
            // A line without `=` may be part of a string.
            let shown = line.find('=').map_or(0, |at| at + 1);
            let (kept, hidden) = line.split_at(shown);
            let stars = hidden
                .bytes()
                .map(|byte| if byte.is_ascii_whitespace() { char::from(byte) } else { '*' });
            kept.chars().chain(stars).collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_values_are_shown() {
        let text = "[[account]]\nusername = \"alice\"\n pasword = \"höhö x\"\n# note\nid = 3\n";
        let masked = masked(text);
        assert_eq!(masked.len(), text.len());
        assert_eq!(
            masked,
            "[[account]]\nusername = \"alice\"\n pasword = ******* **\n* ****\nid = 3\n"
        );
    }
}
