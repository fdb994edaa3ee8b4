//! The commands, a file each.

pub(crate) mod calibrate;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod explain;
pub(crate) mod fuzz;
pub(crate) mod judge;
pub(crate) mod list;
pub(crate) mod load;
pub(crate) mod prove;
pub(crate) mod replay;
pub(crate) mod report;
pub(crate) mod scenario;
pub(crate) mod schema;
pub(crate) mod serve;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use hearback_checker::check_history;
use hearback_contract::{RequirementId, requirement};
use hearback_history::{History, journal};
use hearback_reports::{Format, Reported, Style};
use hearback_results::{Gate, Results, waiver};

use crate::arguments::{Reporting, Selection};
use crate::exit::Failure;
use crate::output;

/// The requirements that `--only` and `--skip` leave.
pub(crate) fn selected(selection: &Selection) -> Result<Vec<RequirementId>, Failure> {
    let ids = |prefixes: &[String]| -> Result<HashSet<RequirementId>, Failure> {
        let mut all = HashSet::new();
        for prefix in prefixes {
            all.extend(requirement::with_prefix(prefix)?);
        }
        Ok(all)
    };
    let (only, skip) = (ids(&selection.only)?, ids(&selection.skip)?);
    let selected: Vec<_> = RequirementId::all()
        .filter(|id| only.is_empty() || only.contains(id))
        .filter(|id| !skip.contains(id))
        .collect();
    if selected.is_empty() {
        return Err(Failure::usage(anyhow::anyhow!("--only and --skip leave no requirement")));
    }
    Ok(selected)
}

/// A report that was asked for with `--report FORMAT=PATH`.
pub(crate) struct Report<R: Reported> {
    format: &'static Format<R>,
    path: PathBuf,
}

impl<R: Reported> Report<R> {
    /// Whether it goes to standard output.
    pub(crate) fn is_printed(&self) -> bool {
        self.path.as_os_str() == "-"
    }
}

/// Reads the values of `--report`, before anything is sent.
pub(crate) fn reports<R: Reported>(asked: &[String]) -> Result<Vec<Report<R>>, Failure> {
    let read = |text: &String| {
        let (format, path) = text
            .split_once('=')
            .with_context(|| format!("--report {text}: FORMAT=PATH was expected"))
            .map_err(Failure::usage)?;
        Ok(Report { format: Format::by_id(format)?, path: PathBuf::from(path) })
    };
    asked.iter().map(read).collect()
}

/// What decides whether the run passes; the file of waivers is read before anything is sent.
pub(crate) fn gate(reporting: &Reporting) -> Result<Gate, Failure> {
    let waivers = match &reporting.waivers {
        None => Vec::new(),
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("the waivers {} cannot be read", path.display()))
                .map_err(Failure::usage)?;
            waiver::parse(&path.display().to_string(), &text)
                .map_err(|error| Failure::file(*error))?
        }
    };
    Ok(Gate { fail_on: reporting.fail_on.into(), waivers })
}

/// The history of a journal; one that lacks its beginning or middle is not judged.
pub(crate) fn stored(path: &Path) -> Result<History, Failure> {
    let events = journal::read(path)?;
    journal::check_complete(path, &events).map_err(|error| Failure::unfinished(error.into()))?;
    Ok(History::from_events(events))
}

/// Judges a history, prints and writes what was asked for, and gives the exit code.
pub(crate) fn conclude(
    history: &History,
    selected: &[RequirementId],
    gate: Gate,
    reporting: &Reporting,
    reports: &[Report<Results>],
) -> Result<u8, Failure> {
    let chosen: HashSet<_> = selected.iter().copied().collect();
    let verdicts = check_history(history, |requirement| chosen.contains(&requirement));
    let record = Results::new(history, &verdicts, gate);
    report(&record, reporting.verbose, reports, true)?;
    Ok(record.exit_status().code())
}

/// Writes the reports that were asked for; none of them being printed, prints the text if `in_text`.
pub(crate) fn report<R: Reported>(
    record: &R,
    verbose: bool,
    reports: &[Report<R>],
    in_text: bool,
) -> Result<(), Failure> {
    if in_text && !reports.iter().any(Report::is_printed) {
        let text = Format::<R>::by_id("text")?;
        output::print(&(text.render)(record, output::style(verbose)));
    }
    for report in reports {
        let style = Style { verbose, ..Style::default() };
        let text = (report.format.render)(record, style);
        if report.is_printed() {
            output::print(&text);
            continue;
        }
        std::fs::write(&report.path, text)
            .with_context(|| format!("the report cannot be written to {}", report.path.display()))
            .map_err(Failure::unfinished)?;
    }
    Ok(())
}
