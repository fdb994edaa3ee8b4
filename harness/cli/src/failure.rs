//! Errors that end a command.

use std::fmt::Write as _;
use std::process::ExitCode;

use hearback_config::options::OptionsError;
use hearback_results::ExitStatus;
use hearback_runner::RunError;
use hearback_workers::WorkersError;
use miette::Diagnostic;

use crate::log;

/// An error that ends a command, and its exit status.
#[derive(Debug)]
pub(crate) struct Failure {
    status: ExitStatus,
    /// Advice besides that of the error.
    hint: Option<&'static str>,
    report: Report,
}

#[derive(Debug)]
enum Report {
    Plain(anyhow::Error),
    Diagnostic(miette::Report),
}

impl Failure {
    /// The command line, or a file that it names, is wrong.
    pub(crate) fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self { status: ExitStatus::Usage, hint: None, report: Report::Plain(error.into()) }
    }

    /// A file that the user wrote is invalid.
    pub(crate) fn invalid_file(diagnostic: impl Diagnostic + Send + Sync + 'static) -> Self {
        Self {
            status: ExitStatus::Usage,
            hint: None,
            report: Report::Diagnostic(diagnostic.into()),
        }
    }

    /// Prints an error of the command line or its configuration, or the help that it asks for; the exit code.
    pub(crate) fn print_options(error: OptionsError) -> ExitCode {
        match error {
            OptionsError::CommandLine { error, notes } => {
                // Help goes to standard output, which may be closed.
                let _is_printed = error.print();
                notes.iter().for_each(|note| eprintln!("note: {note}"));
                ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
            }
            OptionsError::File(error) => {
                let failure = Self::invalid_file(error);
                failure.print();
                ExitCode::from(failure.status().code())
            }
        }
    }

    /// A distributed run, or a worker, could not start or go on.
    pub(crate) fn workers(error: WorkersError) -> Self {
        match error {
            WorkersError::Run(error) => error.into(),
            error if error.is_usage() => Self::invalid_file(error),
            error => Self {
                status: ExitStatus::Unfinished,
                hint: None,
                report: Report::Diagnostic(error.into()),
            },
        }
    }

    /// The command could not finish.
    pub(crate) fn incomplete(error: impl Into<anyhow::Error>) -> Self {
        Self { status: ExitStatus::Unfinished, hint: None, report: Report::Plain(error.into()) }
    }

    /// The exit status.
    pub(crate) fn status(&self) -> ExitStatus {
        self.status
    }

    /// The error, its causes and its help as one line, for reports.
    pub(crate) fn reason(&self) -> String {
        let (causes, help): (Vec<_>, _) = match &self.report {
            Report::Diagnostic(report) => (
                report.chain().map(ToString::to_string).collect(),
                report.help().map(|help| help.to_string()),
            ),
            Report::Plain(error) => (error.chain().map(ToString::to_string).collect(), None),
        };
        let text = lines(causes.into_iter(), help);
        let text = text.trim_end().trim_start_matches("error: ");
        text.replace("\n  caused by", "; caused by").replace("\n  help", "; help")
    }

    /// Prints the error, its causes and its help to standard error, without the secrets of the runs so far.
    pub(crate) fn print(&self) {
        let text = match &self.report {
            // Only an excerpt of a file needs the graphical form.
            Report::Diagnostic(report) if report.source_code().is_some() => format!("{report:?}\n"),
            Report::Diagnostic(report) => {
                let causes = report.chain().map(ToString::to_string);
                lines(causes, report.help().map(|help| help.to_string()))
            }
            Report::Plain(error) => lines(error.chain().map(ToString::to_string), None),
        };
        let hint = self.hint.map_or_else(String::new, |hint| format!("  help: {hint}\n"));
        eprint!("{}", log::redaction().redacted(&format!("{text}{hint}")));
    }
}

/// The one conversion: the runner states explicitly which of its errors are usage errors.
impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        let status = if error.is_usage() { ExitStatus::Usage } else { ExitStatus::Unfinished };
        let hint = error.concerns_access().then_some(
            "`hearback doctor` with the same target and accounts checks each step on the way there",
        );
        Self { status, hint, report: Report::Diagnostic(error.into()) }
    }
}

/// An error with its causes. Many errors end with the text of their cause, which is not repeated.
fn lines(causes: impl Iterator<Item = String>, help: Option<String>) -> String {
    let mut text = String::new();
    let mut shown: Option<String> = None;
    for cause in causes {
        let _infallible = match &shown {
            None => writeln!(text, "error: {cause}"),
            Some(shown) if shown.ends_with(&cause) => Ok(()),
            Some(_) => writeln!(text, "  caused by: {cause}"),
        };
        shown = Some(cause);
    }
    if let Some(help) = help {
        let _infallible = writeln!(text, "  help: {help}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_not_repeated_and_help_comes_last() {
        let causes = ["a: b: c", "b: c", "d"].map(str::to_owned).into_iter();
        let expected = "error: a: b: c\n  caused by: d\n  help: e\n";
        assert_eq!(lines(causes, Some("e".to_owned())), expected);
    }
}
