//! Errors and warnings about scenario files.

use std::fmt;

use hearback_contract::{Suggestions, UnknownId};
use miette::{LabeledSpan, NamedSource, Severity};

use crate::syntax::Span;

/// One error or warning.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Diagnostic {
    /// The problem.
    pub message: String,
    /// Position in the file.
    pub span: Span,
    /// The suggested change.
    pub help: Option<String>,
    /// Error or warning. A file with errors cannot be used.
    pub severity: Severity,
}

impl Diagnostic {
    /// A problem that makes the file unusable.
    pub fn error(span: Span, message: impl Into<String>) -> Self {
        Self { message: message.into(), span, help: None, severity: Severity::Error }
    }

    /// A problem that may be intended.
    pub fn warning(span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(span, message) }
    }

    /// Adds a suggested change.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        self.help_if(Some(help.into()))
    }

    /// Adds a suggested change, if there is one.
    #[must_use]
    pub fn help_if(self, help: Option<String>) -> Self {
        Self { help, ..self }
    }

    /// True for errors, which make the file unusable.
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
        let Span { start, length, .. } = self.span;
        Some(Box::new(std::iter::once(LabeledSpan::new(Some("here".into()), start, length))))
    }
}

/// The diagnostics of one file.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[error("{file}: {}", summary(.diagnostics))]
pub struct Diagnostics {
    /// Path of the file.
    pub file: String,
    /// Content of the file.
    #[source_code]
    pub text: NamedSource<String>,
    /// The diagnostics, in the order of the file.
    #[related]
    pub diagnostics: Vec<Diagnostic>,
}

impl Diagnostics {
    /// The diagnostics of `file` with content `text`, sorted by position.
    pub fn new(file: &str, text: &str, mut diagnostics: Vec<Diagnostic>) -> Self {
        diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
        let text = NamedSource::new(file, text.to_owned()).with_language("yaml");
        Self { file: file.to_owned(), text, diagnostics }
    }

    /// True if any diagnostic is an error.
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
        (errors, 0) => counted(errors, "error"),
        (0, warnings) => counted(warnings, "warning"),
        (errors, warnings) => {
            format!("{} and {}", counted(errors, "error"), counted(warnings, "warning"))
        }
    }
}

/// All `names` as a help text, unless the error lists them.
pub(crate) fn listed_beside<'a>(
    error: &UnknownId,
    introduction: &str,
    names: impl Iterator<Item = &'a str>,
) -> Option<String> {
    let is_listed = matches!(&error.suggestions, Suggestions::All(names) if !names.is_empty());
    (!is_listed).then(|| listed(introduction, names))
}

/// `introduction: a, b, c`, or `introduction: none`.
pub(crate) fn listed<'a>(introduction: &str, names: impl Iterator<Item = &'a str>) -> String {
    match names.collect::<Vec<_>>().as_slice() {
        [] => format!("{introduction}: none"),
        names => format!("{introduction}: {}", names.join(", ")),
    }
}
