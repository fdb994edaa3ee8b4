//! Selection of requirements, the gate, and the reports of a run.

use std::collections::HashSet;
use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use hearback_contract::{RequirementId, UnknownId, requirement};
use hearback_reports::{Format, Reported, Style};
use hearback_results::{Gate, waiver};

use crate::arguments::{ReportingOptions, SelectionOptions};
use crate::config_file::source;
use crate::failure::Failure;
use crate::output;

/// The requirements that `--only` and `--skip` select.
pub(crate) fn selected(options: &SelectionOptions) -> Result<Vec<RequirementId>, Failure> {
    let ids = |prefixes: &[String]| -> Result<HashSet<RequirementId>, UnknownId> {
        let mut all = HashSet::new();
        for prefix in prefixes {
            all.extend(requirement::with_prefix(prefix)?);
        }
        Ok(all)
    };
    let only = ids(&options.only).map_err(Failure::usage)?;
    let skip = ids(&options.skip).map_err(Failure::usage)?;
    let selected: Vec<_> = RequirementId::all()
        .filter(|id| only.is_empty() || only.contains(id))
        .filter(|id| !skip.contains(id))
        .collect();
    if selected.is_empty() {
        return Err(Failure::usage(anyhow!("--only and --skip leave no requirement to check")));
    }
    Ok(selected)
}

/// The gate that decides whether a run passes; reads the waivers file.
pub(crate) fn gate(options: &ReportingOptions) -> Result<Gate, Failure> {
    let waivers = match &options.waivers {
        None => Vec::new(),
        Some(path) => waiver::read(&source(path)).map_err(Failure::invalid_file)?,
    };
    Ok(Gate { fail_on: options.fail_on.into(), waivers })
}

/// A report that `--report FORMAT=PATH` asks for.
pub(crate) struct Report<R: Reported> {
    format: &'static Format<R>,
    path: PathBuf,
}

impl<R: Reported> Report<R> {
    /// Parses the values of `--report`.
    pub(crate) fn parse(values: &[String]) -> Result<Vec<Self>, Failure> {
        let parse = |value: &String| -> anyhow::Result<Self> {
            let (format, path) = value
                .split_once('=')
                .with_context(|| format!("invalid --report `{value}`: expected FORMAT=PATH"))?;
            Ok(Self { format: Format::by_id(format)?, path: PathBuf::from(path) })
        };
        values.iter().map(|value| parse(value).map_err(Failure::usage)).collect()
    }

    /// Returns whether it is printed to standard output.
    pub(crate) fn is_printed(&self) -> bool {
        self.path.as_os_str() == "-"
    }

    fn write(&self, record: &R, verbose: bool) -> Result<(), Failure> {
        let text = (self.format.render)(record, Style { verbose, ..Style::default() });
        if self.is_printed() {
            output::print(&text);
            return Ok(());
        }
        std::fs::write(&self.path, text)
            .with_context(|| format!("cannot write the report to {}", self.path.display()))
            .map_err(Failure::incomplete)
    }
}

/// Prints the text report, unless another report is printed, and writes all reports.
pub(crate) fn report<R: Reported>(
    record: &R,
    verbose: bool,
    reports: &[Report<R>],
) -> Result<(), Failure> {
    if !reports.iter().any(Report::is_printed) {
        let text = Format::<R>::by_id("text").map_err(Failure::usage)?;
        output::print(&(text.render)(record, output::style(verbose)));
    }
    write_reports(record, verbose, reports)
}

/// Writes all reports.
pub(crate) fn write_reports<R: Reported>(
    record: &R,
    verbose: bool,
    reports: &[Report<R>],
) -> Result<(), Failure> {
    reports.iter().try_for_each(|report| report.write(record, verbose))
}
