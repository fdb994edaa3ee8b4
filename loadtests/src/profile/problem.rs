//! What is wrong with a profile, shown with the place.

use std::io;
use std::ops::Range;

use hearback_stats::SloError;
use miette::{Diagnostic, NamedSource, SourceSpan};

use super::library::UnknownProfile;

/// A profile that cannot be used.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum ProfileError {
    /// It cannot be read.
    #[error("the profile {path} cannot be read")]
    #[diagnostic(help(
        "--profile takes the name of a shipped profile, or the path of a TOML file"
    ))]
    Unreadable {
        /// Its path.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// There is none of that name.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Unknown(#[from] UnknownProfile),
    /// It asks for what cannot be.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Invalid(Box<InvalidProfile>),
}

/// A problem, and where it is in the file.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{problem}")]
pub struct InvalidProfile {
    /// What is wrong.
    pub problem: Problem,
    #[source_code]
    source_code: NamedSource<String>,
    #[label("here")]
    span: SourceSpan,
    #[help]
    help: Option<String>,
}

/// What can be wrong with a profile.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Problem {
    /// It is no TOML, or a value is of the wrong type.
    #[error("the profile does not parse: {0}")]
    Syntax(String),
    /// A key that is not known.
    #[error("a profile knows no key `{key}`")]
    UnknownKey {
        /// The key.
        key: String,
        /// The known key that looks most like it.
        nearest: Option<String>,
    },
    /// A persona that is not known.
    #[error("there is no persona `{name}`")]
    UnknownPersona {
        /// The name.
        name: String,
        /// The persona that looks most like it.
        nearest: Option<String>,
    },
    /// A text that is no duration.
    #[error("`{0}` is no duration")]
    Duration(String),
    /// A number out of its bounds.
    #[error("`{what}` must be {bounds}")]
    Bounds {
        /// Which number.
        what: &'static str,
        /// What it may be.
        bounds: String,
    },
    /// A phase without a rate that it needs, or with one that it does not know.
    #[error("a phase of kind `{kind}` needs {needs}")]
    Phase {
        /// Its kind.
        kind: &'static str,
        /// The keys.
        needs: &'static str,
    },
    /// A room with more members than accounts.
    #[error("a room of {members} members needs as many accounts, and there are {accounts}")]
    TooLarge {
        /// Members of the room.
        members: usize,
        /// Accounts of the profile.
        accounts: usize,
    },
    /// Nobody sends.
    #[error("nobody sends: no persona is a talker or a typist")]
    Silent,
    /// A rate beyond what one process can send.
    #[error("{rate} messages a second are beyond what one generator can send on time")]
    TooFast {
        /// Messages a second.
        rate: f64,
    },
    /// A service level that cannot be read.
    #[error(transparent)]
    Slo(#[from] SloError),
}

impl Problem {
    fn help(&self) -> Option<String> {
        match self {
            Self::UnknownKey { nearest: Some(nearest), .. }
            | Self::UnknownPersona { nearest: Some(nearest), .. } => {
                Some(format!("did you mean `{nearest}`?"))
            }
            Self::UnknownPersona { .. } => {
                Some(format!("there is {}", crate::persona::names().join(", ")))
            }
            Self::Duration(_) => Some("write it like 500ms, 10s, or 1h 30m".to_owned()),
            Self::TooLarge { .. } => Some(
                "give more `accounts`, or let them be in a room more than once with `sharing = true`"
                    .to_owned(),
            ),
            Self::Silent => Some("give `talker` a weight under [personas]".to_owned()),
            Self::TooFast { .. } => Some(format!(
                "at most {} a second; larger rooms make more deliveries of fewer messages",
                super::file::FASTEST
            )),
            Self::Slo(SloError::Metric(unknown)) if unknown.nearest.is_none() => {
                Some("`hearback list metrics` explains each".to_owned())
            }
            _ => None,
        }
    }
}

impl InvalidProfile {
    pub(super) fn new(file: &str, text: &str, problem: Problem, span: Range<usize>) -> Self {
        Self {
            help: problem.help(),
            problem,
            source_code: NamedSource::new(file, text.to_owned()),
            span: span.into(),
        }
    }
}

impl From<InvalidProfile> for ProfileError {
    fn from(invalid: InvalidProfile) -> Self {
        Self::Invalid(Box::new(invalid))
    }
}
