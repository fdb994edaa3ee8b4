//! The error of every file that a user writes in TOML.

use std::error::Error;
use std::fmt::{self, Display};
use std::io;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

use crate::Problem;

/// A file that cannot be read or is invalid. An excerpt of the file shows the place, without secrets.
#[derive(Debug)]
pub struct FileError(Box<Content>);

#[derive(Debug)]
struct Content {
    problem: Problem,
    cause: Option<io::Error>,
    excerpt: Option<NamedSource<String>>,
}

impl FileError {
    /// A file that cannot be read; `kind` is its kind in words, such as `accounts file`.
    pub fn unreadable(kind: &str, path: &std::path::Path, cause: io::Error) -> Self {
        let problem = Problem::new(format_args!("cannot read the {kind} {}", path.display()));
        Self(Box::new(Content { problem, cause: Some(cause), excerpt: None }))
    }

    pub(crate) fn new(problem: Problem, name: &str, excerpt: String) -> Self {
        let excerpt = Some(NamedSource::new(name, excerpt));
        Self(Box::new(Content { problem, cause: None, excerpt }))
    }

    /// Adds advice.
    #[must_use]
    pub fn with_help(mut self, help: &str) -> Self {
        self.0.problem = self.0.problem.with_help(help.to_owned());
        self
    }

    /// The problem.
    pub fn problem(&self) -> &Problem {
        &self.0.problem
    }
}

/// A problem without a file, for example of an environment variable.
impl From<Problem> for FileError {
    fn from(problem: Problem) -> Self {
        Self(Box::new(Content { problem, cause: None, excerpt: None }))
    }
}

impl Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.problem.fmt(f)
    }
}

impl Error for FileError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.cause.as_ref().map(|cause| cause as _)
    }
}

impl Diagnostic for FileError {
    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.0.problem.help().map(|help| Box::new(help) as _)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.0.excerpt.as_ref().map(|excerpt| excerpt as _)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.0.problem.span().filter(|_| self.0.excerpt.is_some())?;
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(Some("here".to_owned()), span))))
    }
}
