//! Problems of profiles.

use hearback_config::{FileError, Problem};
use hearback_contract::UnknownId;
use hearback_stats::SloError;
use miette::Diagnostic;

use crate::schedule::Pacer;

/// A profile that cannot be used.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum ProfileError {
    /// No shipped profile has this name.
    #[error(transparent)]
    #[diagnostic(help("run `hearback list profiles`, or pass the path of a TOML file"))]
    Unknown(#[from] UnknownId),
    /// The file cannot be read or is invalid.
    #[error(transparent)]
    #[diagnostic(transparent)]
    File(#[from] FileError),
}

/// A problem in a profile.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(super) enum ProfileProblem {
    /// A persona does not exist.
    #[error(transparent)]
    Unknown(#[from] UnknownId),
    /// A text is not a duration.
    #[error("`{0}` is not a duration")]
    Duration(String),
    /// A value is out of bounds.
    #[error("`{key}` must be {bounds}")]
    Bounds {
        /// Key of the value.
        key: &'static str,
        /// Accepted values, in words.
        bounds: String,
    },
    /// A phase lacks a rate of its kind, or has a rate of another kind.
    #[error("phases of kind `{kind}` require {keys}, and no other rates")]
    Phase {
        /// Kind of the phase.
        kind: &'static str,
        /// Required keys.
        keys: &'static str,
    },
    /// A room has more members than there are accounts.
    #[error(
        "a room of {members} members requires {members} accounts, but `accounts` is {accounts}"
    )]
    TooLarge {
        /// Members of the room.
        members: usize,
        /// Accounts of the profile.
        accounts: usize,
    },
    /// No persona sends messages.
    #[error("no persona sends messages")]
    Silent,
    /// A rate exceeds what one process can send on schedule.
    #[error("{rate} messages per second are more than one generator can send on schedule")]
    TooFast {
        /// Messages per second.
        rate: f64,
    },
    /// A file with texts cannot be used.
    #[error("cannot use the texts of `{file}`: {reason}")]
    Texts {
        /// The file, as the profile names it.
        file: String,
        /// The problem.
        reason: String,
    },
    /// Texts come from a file, and have a length.
    #[error("`texts` and `message_bytes` exclude each other")]
    TwoTexts,
    /// A service level has a delay, but does not end the run.
    #[error("`delay` without `abort_on_fail = true` has no effect")]
    Delay,
    /// A service level is invalid.
    #[error(transparent)]
    Slo(#[from] SloError),
}

impl ProfileProblem {
    fn help(&self) -> Option<String> {
        match self {
            Self::Duration(_) => {
                Some("write durations as 500ms, 10s, or 1h 30m; at most 7 days".to_owned())
            }
            Self::TooLarge { .. } => Some(
                "increase `accounts`, or set `shared_accounts = true` to let an account join a room more than once"
                    .to_owned(),
            ),
            Self::Silent => Some("add `talker` or `typist` to [personas]".to_owned()),
            Self::TooFast { .. } => Some(format!(
                "the maximum is {}; larger rooms yield more deliveries per message",
                Pacer::MAX_RATE
            )),
            Self::Slo(SloError::Metric(_)) => {
                Some("run `hearback list metrics` for all metrics".to_owned())
            }
            _ => None,
        }
    }
}

impl From<ProfileProblem> for Problem {
    fn from(problem: ProfileProblem) -> Self {
        match problem {
            ProfileProblem::Unknown(unknown) => unknown.into(),
            problem => Self::new(&problem).with_help(problem.help()),
        }
    }
}
