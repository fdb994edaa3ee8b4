//! Selection of requirements, the gate, and the reports of a run.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use hearback_contract::{Level, RequirementId, overlay, requirement};
use hearback_reports::links::linked;
use hearback_reports::{Format, Reported, Style};
use hearback_results::{Gate, Results, readings, waiver};
use hearback_runner::stored;
use url::Url;

use crate::arguments::{BaselineOptions, ReportingOptions, SelectionOptions};
use crate::config_file::{self, source};
use crate::failure::Failure;
use crate::github;
use crate::log;
use crate::output;

/// The requirements that `--only` and `--skip` select.
pub(crate) fn selected(options: &SelectionOptions) -> Result<Vec<RequirementId>, Failure> {
    requirement::select(&options.only, &options.skip).map_err(Failure::usage)
}

/// The gate that decides whether a run passes; reads the waivers file.
pub(crate) fn gate(options: &ReportingOptions) -> Result<Gate, Failure> {
    let waivers = match &options.waivers {
        None => Vec::new(),
        Some(path) => waiver::read(&source(path)).map_err(Failure::invalid_file)?,
    };
    let may_be_untested = match options.may_be_untested.as_slice() {
        [] => Vec::new(),
        prefixes => requirement::select(prefixes, &[]).map_err(Failure::usage)?,
    };
    let mut pinned = match config_file::file() {
        None => Vec::new(),
        Some(file) => readings::read(&file).map_err(Failure::invalid_file)?,
    };
    // Of one question, the reading that the configuration pins counts.
    let own: Vec<_> = pinned.iter().map(|reading| reading.reading().ambiguity).collect();
    let of_contract = overlay::in_force().map_or(&[][..], |overlay| &overlay.readings);
    pinned.extend(of_contract.iter().filter(|it| !own.contains(&it.reading().ambiguity)));
    Ok(Gate {
        pinned,
        needs_pinned: false,
        is_whole: false,
        fail_on: options.fail_on.into(),
        waivers,
        max_gateway_errors: options.gateway_errors,
        may_be_untested,
        flaky: options.flaky.into(),
    })
}

impl BaselineOptions {
    /// The results of the baseline, if one is named; read before anything is sent.
    pub(crate) fn read(&self) -> Result<Option<Results>, Failure> {
        let read = |run| stored::read(&stored::path(run), Level::Must.into());
        Ok(self.baseline.as_deref().map(read).transpose()?)
    }
}

/// Results whose gate fails only on what the baseline does not have, if there is one.
pub(crate) fn since(baseline: Option<&Results>, results: Results) -> Results {
    match baseline {
        Some(baseline) => results.against(baseline),
        None => results,
    }
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

    /// Removes files of earlier runs, and checks that new ones can be written, before anything is sent.
    pub(crate) fn prepare(reports: &[Self]) -> Result<(), Failure> {
        for report in reports.iter().filter(|report| !report.is_printed()) {
            prepare(&report.path)
                .with_context(|| format!("cannot write the report to {}", report.path.display()))
                .map_err(Failure::usage)?;
        }
        Ok(())
    }

    /// Returns whether it is printed to standard output.
    pub(crate) fn is_printed(&self) -> bool {
        self.path.as_os_str() == "-"
    }

    /// The address of the HTML page that it writes, if it is one.
    fn page(&self) -> Option<Url> {
        let is_page = self.format.id == "html" && !self.is_printed();
        Url::from_file_path(std::path::absolute(&self.path).ok().filter(|_| is_page)?).ok()
    }

    fn write(&self, record: &R, verbose: bool) -> Result<(), Failure> {
        let text = (self.format.render)(record, Style { verbose, ..Style::default() });
        if self.is_printed() {
            output::print(&text);
            return Ok(());
        }
        std::fs::write(&self.path, log::redaction().redacted(&text))
            .with_context(|| format!("cannot write the report to {}", self.path.display()))
            .map_err(Failure::incomplete)
    }
}

/// Removes a file, and checks that it can be created. Devices and pipes stay.
fn prepare(path: &Path) -> anyhow::Result<()> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => bail!("it is a directory"),
        Ok(metadata) if metadata.is_file() => {
            File::options().append(true).open(path)?;
        }
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
                bail!("the directory {} does not exist", folder.display());
            }
            File::create_new(path)?;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(std::fs::remove_file(path)?)
}

/// Writes the reports of a run that ended without results, if it did, and passes its failure on.
pub(crate) fn or_report<T, R: Reported>(
    result: Result<T, Failure>,
    reports: &[Report<R>],
    failed: impl FnOnce(&Failure) -> R,
) -> Result<T, Failure> {
    if let Err(failure) = &result
        && (!reports.is_empty() || github::is_active())
    {
        let record = failed(failure);
        // The failure of the run matters more than one of a report.
        if let Err(unwritten) = write_reports(&record, false, reports) {
            unwritten.print();
        }
        github::publish(&record, true);
    }
    result
}

/// Prints the text report, unless another report is printed, writes all reports, and annotates the step if it is one of
/// GitHub Actions.
pub(crate) fn report<R: Reported>(
    record: &R,
    verbose: bool,
    reports: &[Report<R>],
) -> Result<(), Failure> {
    let is_printed = reports.iter().any(Report::is_printed);
    if !is_printed {
        let text = Format::<R>::by_id("text").map_err(Failure::usage)?;
        let text = github::quoted((text.render)(record, output::style(verbose)));
        let page = reports.iter().find_map(Report::page).filter(|_| output::has_links());
        output::print(&page.map_or_else(|| text.clone(), |page| linked(&text, &page)));
    }
    let written = write_reports(record, verbose, reports);
    github::publish(record, is_printed);
    written
}

/// Writes all reports.
pub(crate) fn write_reports<R: Reported>(
    record: &R,
    verbose: bool,
    reports: &[Report<R>],
) -> Result<(), Failure> {
    reports.iter().try_for_each(|report| report.write(record, verbose))
}
