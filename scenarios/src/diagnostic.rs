//! What is wrong with a scenario file, and where.

use std::fmt;

use miette::{LabeledSpan, NamedSource, Severity};

use crate::syntax::Place;

/// One thing that is wrong, or dubious.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Diagnostic {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub place: Place,
    /// What is allowed there.
    pub help: Option<String>,
    /// An error, or a warning: the file can be used all the same.
    pub severity: Severity,
}

impl Diagnostic {
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

impl miette::Diagnostic for Diagnostic {
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
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[error("{file}: {}", summary(.diagnostics))]
pub struct Diagnostics {
    /// The file.
    pub file: String,
    /// Its text.
    #[source_code]
    pub text: NamedSource<String>,
    /// The mistakes, in the order of the file.
    #[related]
    pub diagnostics: Vec<Diagnostic>,
}

impl Diagnostics {
    /// The mistakes of `file`, which reads `text`.
    pub fn new(file: &str, text: &str, mut diagnostics: Vec<Diagnostic>) -> Self {
        diagnostics.sort_by_key(|diagnostic| diagnostic.place.start);
        let text = NamedSource::new(file, text.to_owned()).with_language("yaml");
        Self { file: file.to_owned(), text, diagnostics }
    }

    /// Whether the file cannot be used.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

fn summary(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    let counted = |count: usize, noun: &str| match count {
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    };
    match (errors, diagnostics.len() - errors) {
        (errors, 0) => counted(errors, "diagnostic"),
        (0, warnings) => counted(warnings, "warning"),
        (errors, warnings) => {
            format!("{} and {}", counted(errors, "diagnostic"), counted(warnings, "warning"))
        }
    }
}
