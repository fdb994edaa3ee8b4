//! What is wrong with a scenario file, and where.

use std::fmt;

use miette::{Diagnostic, LabeledSpan, NamedSource, Severity};

use crate::syntax::Place;

/// One thing that is wrong, or dubious.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Mistake {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub place: Place,
    /// What is allowed there.
    pub help: Option<String>,
    /// An error, or a warning: the file can be used all the same.
    pub severity: Severity,
}

impl Mistake {
    /// Something that makes the file unusable.
    pub fn error(place: Place, message: impl Into<String>) -> Self {
        Self { message: message.into(), place, help: None, severity: Severity::Error }
    }

    /// Something that may be meant.
    pub fn warning(place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(place, message) }
    }

    /// Adds what is allowed there.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Whether the file cannot be used.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl Diagnostic for Mistake {
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let Place { start, length, .. } = self.place;
        Some(Box::new(std::iter::once(LabeledSpan::new(Some("here".into()), start, length))))
    }
}

/// Everything that is wrong with one file.
#[derive(Clone, Debug, thiserror::Error, Diagnostic)]
#[error("{file}: {}", summary(.mistakes))]
pub struct Mistakes {
    /// The file.
    pub file: String,
    /// Its text.
    #[source_code]
    pub text: NamedSource<String>,
    /// The mistakes, in the order of the file.
    #[related]
    pub mistakes: Vec<Mistake>,
}

impl Mistakes {
    /// The mistakes of `file`, which reads `text`.
    pub fn new(file: &str, text: &str, mut mistakes: Vec<Mistake>) -> Self {
        mistakes.sort_by_key(|mistake| mistake.place.start);
        let text = NamedSource::new(file, text.to_owned()).with_language("yaml");
        Self { file: file.to_owned(), text, mistakes }
    }

    /// Whether the file cannot be used.
    pub fn has_errors(&self) -> bool {
        self.mistakes.iter().any(Mistake::is_error)
    }
}

fn summary(mistakes: &[Mistake]) -> String {
    let errors = mistakes.iter().filter(|mistake| mistake.is_error()).count();
    let counted = |count: usize, noun: &str| match count {
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    };
    match (errors, mistakes.len() - errors) {
        (errors, 0) => counted(errors, "mistake"),
        (0, warnings) => counted(warnings, "warning"),
        (errors, warnings) => {
            format!("{} and {}", counted(errors, "mistake"), counted(warnings, "warning"))
        }
    }
}
