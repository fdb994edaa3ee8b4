//! GitHub Actions: annotations of a run, and the summary of its step.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;

use hearback_reports::{Format, Reported, Style};

use crate::log;
use crate::output;

/// Set to `true` by GitHub Actions.
const ACTIONS: &str = "GITHUB_ACTIONS";

/// The file that takes the summary of a step.
const SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// Maximum size of the summaries of a step, in bytes; GitHub shows nothing of larger ones.
const LARGEST_SUMMARY: u64 = 1 << 20;

/// Returns whether a step of GitHub Actions reads the output.
pub(crate) fn is_active() -> bool {
    std::env::var(ACTIONS).is_ok_and(|value| value == "true")
}

/// Text for standard output, in which GitHub Actions takes no line for a workflow command: targets choose parts of it.
pub(crate) fn quoted(text: String) -> String {
    if !is_active() {
        return text;
    }
    // The word that resumes workflow commands; targets cannot know it.
    let token = uuid::Uuid::new_v4().simple();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    format!("::stop-commands::{token}\n{text}{end}::{token}::\n")
}

/// Annotates the problems of a result, and adds the result to the summary of the step, if GitHub Actions reads the output.
/// Annotations go to standard error if standard output is a report; GitHub reads both.
pub(crate) fn publish<R: Reported>(record: &R, is_output_taken: bool) {
    if !is_active() {
        return;
    }
    let annotations = log::redaction().redacted(&record.annotations());
    match is_output_taken {
        _ if annotations.is_empty() => {}
        true => eprint!("{annotations}"),
        false => output::print(&annotations),
    }
    if let Some(path) = std::env::var_os(SUMMARY).filter(|path| !path.is_empty())
        && let Err(error) = summarize(record, PathBuf::from(path))
    {
        eprintln!("warning: the summary of the step was not written: {error}");
    }
}

fn summarize<R: Reported>(record: &R, path: PathBuf) -> std::io::Result<()> {
    let Ok(format) = Format::<R>::by_id("markdown") else { return Ok(()) };
    let summary = log::redaction().redacted(&(format.render)(record, Style::default()));
    let mut file = File::options().append(true).create(true).open(path)?;
    // Several runs of a step share its summary.
    let size = file.metadata()?.len() + summary.len() as u64;
    if size > LARGEST_SUMMARY {
        return Err(std::io::Error::other("the summaries of the step would exceed 1 MiB"));
    }
    file.write_all(summary.as_bytes())
}
