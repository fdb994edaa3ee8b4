//! What is wrong with an accounts file, shown with the place but without the secrets.

use std::io;
use std::ops::Range;

use hearback_contract::UserId;
use miette::{Diagnostic, NamedSource, SourceSpan};

/// Keys whose values may be shown.
const SHOWN: [&str; 9] = [
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

/// An accounts file that cannot be used.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum AccountsError {
    /// It cannot be read.
    #[error("the accounts file {path} cannot be read")]
    #[diagnostic(help("--accounts takes the path of a TOML file with one [[account]] per user"))]
    Unreadable {
        /// Its path.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// It says something that it may not.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Invalid(Box<InvalidAccounts>),
}

/// A problem, and where it is in the file.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{problem}")]
pub struct InvalidAccounts {
    /// What is wrong.
    pub problem: Problem,
    #[source_code]
    source_code: NamedSource<String>,
    #[label("here")]
    span: SourceSpan,
    #[help]
    help: Option<String>,
}

/// What can be wrong with an accounts file.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Problem {
    /// It is no TOML, or a value is of the wrong type.
    #[error("the accounts file does not parse: {0}")]
    Syntax(String),
    /// A key that is not known.
    #[error("an accounts file knows no key `{key}`")]
    UnknownKey {
        /// The key.
        key: String,
        /// The known key that looks most like it.
        nearest: Option<&'static str>,
    },
    /// There is no account.
    #[error("the accounts file holds no [[account]]")]
    NoAccount,
    /// A user name that is empty.
    #[error("a user name cannot be empty")]
    NoUsername,
    /// The same user name again.
    #[error("there are two accounts named `{0}`")]
    Twice(String),
    /// Nothing opens the account.
    #[error("the account `{0}` has neither password nor token")]
    NoSecret(String),
    /// More than one thing opens it, or a refresh token stands alone.
    #[error("the account `{0}` has more than one secret, or secrets that do not go together")]
    SeveralSecrets(String),
    /// The target says that somebody has another id.
    #[error("the accounts file says that `{username}` is {id}, the target says {stated}")]
    AnotherId {
        /// Whose.
        username: String,
        /// The id in the file.
        id: UserId,
        /// The id in the room that was made.
        stated: UserId,
    },
    /// An environment variable is not set.
    #[error("the environment variable {0} is not set, or is empty")]
    UnsetVariable(String),
}

impl Problem {
    fn help(&self) -> Option<String> {
        const ONE_OF: &str = "give one of `password`, `password_env`, `access` (with `refresh` if there \
                              is one), `access_env` (with `refresh_env`)";
        match self {
            Self::UnknownKey { nearest: Some(nearest), .. } => {
                Some(format!("did you mean `{nearest}`?"))
            }
            Self::NoAccount => {
                Some("add one: [[account]], username = \"…\", password_env = \"…\"".to_owned())
            }
            Self::NoSecret(_) | Self::SeveralSecrets(_) => Some(ONE_OF.to_owned()),
            Self::AnotherId { username, .. } => Some(format!(
                "correct the id, or leave it out: it is found out then. If the file is right, the target is \
                 wrong, in `created_by` and in the participants of a room that `{username}` makes"
            )),
            Self::UnsetVariable(name) => Some(format!("export {name}=… before the run")),
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

/// `text` with every value that is not surely harmless made `*`, byte for byte: diagnostics end up in logs.
fn masked(text: &str) -> String {
    text.split_inclusive('\n')
        .map(|line| {
            let key = line.split('=').next().unwrap_or_default().trim();
            let heading = line.trim_start().starts_with('[') && !line.contains('=');
            if SHOWN.contains(&key) || heading {
                return line.to_owned();
            }
            // Without a `=`, the line may be inside a string.
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
    fn only_harmless_values_are_shown() {
        let text = "[[account]]\nusername = \"alice\"\n pasword = \"höhö x\"\n# note\nid = 3\n";
        let masked = masked(text);
        assert_eq!(masked.len(), text.len());
        assert_eq!(
            masked,
            "[[account]]\nusername = \"alice\"\n pasword = ******* **\n* ****\nid = 3\n"
        );
    }
}
