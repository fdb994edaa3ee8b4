//! `hearback adopt`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use hearback_checker::Verdicts;
use hearback_config::Source;
use hearback_config::options::FILE_NAME;
use hearback_contract::requirement;
use hearback_history::History;
use hearback_reports::adoption;
use hearback_results::{Adoption, ExitStatus, Gate, Results, readings, waiver};
use hearback_runner::adopt::{self, GateFiles, NewText, Settings};
use hearback_runner::recheck::recheck;
use hearback_runner::stored;

use super::check::{gate_of, perform, run_of};
use crate::arguments::{Adopt, Printed};
use crate::config_file;
use crate::failure::Failure;
use crate::log;
use crate::output;
use crate::reporting::{Report, selected, write_reports};

/// Sections whose options describe the gate; others, such as those of output, belong to one command line.
const SECTIONS: [&str; 7] =
    ["target", "connection", "limits", "selection", "generation", "execution", "gate"];

/// Keys in these sections that belong to one run, or are written in another way.
const OMITTED: [&str; 3] = ["target.accounts", "execution.journal", "execution.quiet"];

pub(crate) fn run(options: &Adopt) -> Result<ExitStatus, Failure> {
    let files = files(options);
    let exists = files.configuration.exists();
    if exists && !options.update {
        let path = files.configuration.display();
        return Err(Failure::usage(anyhow!("{path} exists: use --update to edit it")));
    }
    let reports = Report::parse(&options.run.reporting.report)?;
    let gate = gate_of(&options.run)?;
    let (history, verdicts) = match &options.stored {
        Some(run) => recheck(&stored::path(run), &selected(&options.run.selection)?)?,
        None => perform(&options.run, &run_of(&options.run)?, &gate, &reports, Printed::Text)?,
    };
    let results = Results::new(&history, &verdicts, gate.clone());
    write_reports(&results, options.run.reporting.verbose, &reports)?;
    if !results.is_complete() {
        let verdict = adoption::unfinished(&results);
        return Err(Failure::incomplete(anyhow!("nothing was written: {verdict}")));
    }
    let found = Adoption::of(&results);
    let expires = adopt::expiry();
    let (texts, settings) = match exists {
        true => (adopt::update(&files, &found, expires)?, Settings::default()),
        false => {
            let settings = settings(options, &history)?;
            let seed = results.seed.unwrap_or_default();
            (adopt::create(&files, &settings, seed, &found, expires)?, settings)
        }
    };
    texts.iter().try_for_each(write)?;
    let adopted = adopted(&files, &history, &verdicts, &found, gate)?;
    let paths: Vec<_> = texts.iter().map(|text| text.path.clone()).collect();
    output::print(&adoption::summary(&found, &adopted, &paths, &settings.variables(), expires));
    if !exists && let Some(omitted) = omitted() {
        output::print(&omitted);
    }
    Ok(adopted.exit_status())
}

/// The files to write: the configuration file that applies, or a new one.
fn files(options: &Adopt) -> GateFiles {
    let file = config_file::file();
    let configuration = file.as_ref().map_or_else(|| FILE_NAME.into(), |it| it.path().to_owned());
    let waivers = options.run.reporting.waivers.clone();
    GateFiles {
        environment: file.as_ref().and_then(|it| it.environment().map(str::to_owned)),
        waivers: waivers.filter(|path| *path != configuration),
        configuration,
    }
}

/// The options and accounts of the command line, or those of a stored run.
fn settings(options: &Adopt, history: &History) -> Result<Settings, Failure> {
    let target = &options.run.target;
    let mut settings = match (&options.stored, &history.start) {
        (Some(_), Some(start)) if target.target.is_none() => Settings::of_run(start)?,
        _ => Settings::default(),
    };
    if let Some(accounts) = &target.accounts {
        settings.add_accounts(&config_file::source(accounts))?;
    }
    settings.options.extend(config_file::flags(is_written));
    Ok(settings)
}

fn is_written(key: &str) -> bool {
    let section = key.split('.').next().unwrap_or_default();
    SECTIONS.contains(&section) && !OMITTED.contains(&key)
}

/// A note on the flags that may contain secrets.
fn omitted() -> Option<String> {
    let keys = config_file::hidden_flags(is_written);
    (!keys.is_empty()).then(|| {
        let keys = keys.join(", ");
        format!("Not written, since they may contain secrets: {keys}. Add them with ${{VARIABLE}}.")
    })
}

/// Writes a file without the secrets of the run.
fn write(new: &NewText) -> Result<(), Failure> {
    std::fs::write(&new.path, log::redaction().redacted(&new.text))
        .with_context(|| format!("cannot write {}", new.path.display()))
        .map_err(Failure::incomplete)
}

/// The results of the same run with the gate that was written.
fn adopted(
    files: &GateFiles,
    history: &History,
    verdicts: &Verdicts,
    found: &Adoption,
    gate: Gate,
) -> Result<Results, Failure> {
    let shared = |path: &Path| Source::shared(path.to_owned(), files.environment.clone());
    let waivers = match &files.waivers {
        Some(path) => Source::from(PathBuf::from(path)),
        None => shared(&files.configuration),
    };
    let prefixes: Vec<_> = found.untested.iter().flat_map(|(_, ids)| ids.clone()).collect();
    let mut may_be_untested = gate.may_be_untested.clone();
    if !prefixes.is_empty() {
        may_be_untested.extend(requirement::select(&prefixes, &[]).map_err(Failure::usage)?);
    }
    let gate = Gate {
        waivers: waiver::read(&waivers).map_err(Failure::invalid_file)?,
        pinned: readings::read(&shared(&files.configuration)).map_err(Failure::invalid_file)?,
        may_be_untested,
        ..gate
    };
    Ok(Results::new(history, verdicts, gate))
}
