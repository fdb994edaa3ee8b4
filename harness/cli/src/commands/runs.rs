//! `hearback runs`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, anyhow};
use hearback_contract::Level;
use hearback_history::{History, journal};
use hearback_reports::table::Layout;
use hearback_reports::{Format, Reported, Style, runs as runs_report};
use hearback_results::{ExitStatus, Results};
use hearback_runner::listing::{self, ListedRun};
use hearback_runner::{load, replay, stored};

use crate::arguments::{ListFormat, Runs, RunsCommand};
use crate::failure::Failure;
use crate::log;
use crate::output;

/// Programs that open a file in a browser; the first that exists is used.
const OPENERS: &[&str] = match cfg!(target_os = "macos") {
    true => &["open"],
    false => &["xdg-open", "wslview"],
};

/// Format and file extension of the page.
const PAGE: &str = "html";

pub(crate) fn run(options: &Runs) -> Result<ExitStatus, Failure> {
    match &options.command {
        None => list(ListFormat::Text),
        Some(RunsCommand::List { format }) => list(*format),
        Some(RunsCommand::Show { run, verbose }) => {
            output::print(&rendered(&find(run.as_deref())?, "text", output::style(*verbose))?);
            Ok(ExitStatus::Passed)
        }
        Some(RunsCommand::Open { run }) => open(&find(run.as_deref())?),
        Some(RunsCommand::Har { run, scenario, finding }) => {
            har(&find(run.as_deref())?, scenario, finding.as_deref())
        }
        Some(RunsCommand::Prune(options)) => {
            let before = listing::list().len();
            options.prune(None);
            let removed = before.saturating_sub(listing::list().len());
            output::print(&format!("{removed} of {before} runs removed."));
            Ok(ExitStatus::Passed)
        }
    }
}

fn list(format: ListFormat) -> Result<ExitStatus, Failure> {
    let table = runs_report::table(&listing::list());
    output::print(&match format {
        ListFormat::Text => table.text(output::style(false), Layout::LIST),
        ListFormat::Markdown => table.markdown(usize::MAX),
        ListFormat::Json => format!("{:#}", table.json()),
    });
    Ok(ExitStatus::Passed)
}

/// The named run, or the latest one.
fn find(name: Option<&str>) -> Result<ListedRun, Failure> {
    let found = match name {
        Some(name) => listing::find(name),
        None => listing::list().into_iter().next(),
    };
    found.ok_or_else(|| {
        Failure::usage(match name {
            Some(name) => {
                anyhow!("run `{name}` is not stored; `hearback runs` lists those that are")
            }
            None => anyhow!("no runs are stored"),
        })
    })
}

/// The report of a run in a format that every kind of run has.
fn rendered(run: &ListedRun, format: &str, style: Style) -> Result<String, Failure> {
    if let Some(record) = &run.record {
        return render(&load::read(record)?, format, style);
    }
    let results: Results = stored::read(journal_of(run)?, Level::Must.into())?;
    render(&results, format, style)
}

/// Prints the traffic of a run, of some of its scenarios, or of the scenario of a finding.
fn har(run: &ListedRun, prefixes: &[String], finding: Option<&str>) -> Result<ExitStatus, Failure> {
    let journal = journal_of(run)?;
    let events = journal::read(journal).map_err(Failure::usage)?;
    let found = finding.map(|id| replay::find(&History::from_events(events.clone()), id));
    let only = found.transpose()?.map(|(_, finding)| finding.finding.scenario);
    let har = hearback_reports::har(&events, |name| match &only {
        Some(only) => name == only,
        None => {
            prefixes.is_empty() || prefixes.iter().any(|prefix| name.as_str().starts_with(prefix))
        }
    });
    if har["log"]["entries"].as_array().is_none_or(Vec::is_empty) {
        return Err(Failure::usage(anyhow!("the run has no traffic of such a scenario")));
    }
    output::print(&log::redaction().redacted(&format!("{har:#}")));
    Ok(ExitStatus::Passed)
}

fn journal_of(run: &ListedRun) -> Result<&Path, Failure> {
    run.journal.as_deref().ok_or_else(|| Failure::usage(anyhow!("the run has no journal")))
}

fn render<R: Reported>(record: &R, format: &str, style: Style) -> Result<String, Failure> {
    let format = Format::<R>::by_id(format).map_err(Failure::usage)?;
    Ok((format.render)(record, style))
}

/// Writes the page beside the journal, and opens it.
fn open(run: &ListedRun) -> Result<ExitStatus, Failure> {
    let beside = run.record.as_ref().or(run.journal.as_ref());
    let page: PathBuf =
        beside.ok_or_else(|| Failure::usage(anyhow!("the run has no files")))?.with_extension(PAGE);
    let html = rendered(run, PAGE, Style::default())?;
    std::fs::write(&page, log::redaction().redacted(&html))
        .with_context(|| format!("cannot write {}", page.display()))
        .map_err(Failure::incomplete)?;
    match OPENERS.iter().any(|program| starts(program, &page)) {
        true => output::print(&format!("Opened {}", page.display())),
        false => output::print(&format!("Wrote {}: open it in a browser", page.display())),
    }
    Ok(ExitStatus::Passed)
}

/// Starts a program with the file; returns whether it could.
fn starts(program: &str, file: &Path) -> bool {
    let mut command = Command::new(program);
    command.arg(file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().is_ok()
}
