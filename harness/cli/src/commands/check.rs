//! `hearback check`.

use anyhow::anyhow;
use hearback_checker::Verdicts;
use hearback_contract::RequirementId;
use hearback_history::History;
use hearback_reports::stream;
use hearback_results::{ExitStatus, Gate, Results};
use hearback_runner::last_failed::LastFailed;
use hearback_runner::run::FailureLimit;
use hearback_runner::{Run, check, runs};

use crate::arguments::{Check, Printed, RunOptions};
use crate::execution::{context, interrupt, runtime};
use crate::failure::Failure;
use crate::progress::CheckProgress;
use crate::reporting::{Report, gate, or_report, report, selected, since, write_reports};
use crate::{github, output};

pub(crate) fn run(options: &Check) -> Result<ExitStatus, Failure> {
    let baseline = options.baseline.read()?;
    let reports = Report::parse(&options.run.reporting.report)?;
    if options.format == Printed::Json && reports.iter().any(Report::is_printed) {
        let both =
            anyhow!("--format json and a report with the path `-` both print to standard output");
        return Err(Failure::usage(both));
    }
    let mut gate = gate_of(&options.run)?;
    let mut run = run_of(&options.run)?;
    if options.failures.last_failed
        && let Some(broken) = last_failed(&options.run)?
    {
        run.selected = broken;
        gate.needs_pinned = false;
    }
    run.shard = options.shard;
    let maximum = options.failures.maximum();
    run.failure_limit = maximum.map(|maximum| FailureLimit { maximum, gate: gate.clone() });
    let performed = perform(&options.run, &run, &gate, &reports, options.format);
    if let (Err(failure), Printed::Json) = (&performed, options.format) {
        output::print(&stream::failed(&failure.reason()));
    }
    let (history, verdicts) = performed?;
    let results = since(baseline.as_ref(), Results::new(&history, &verdicts, gate));
    runs::summarize(run.journal.as_deref(), &results);
    match options.format {
        Printed::Text => report(&results, options.run.reporting.verbose, &reports)?,
        Printed::Json => {
            stream::results(&results).iter().for_each(|line| output::print(line));
            write_reports(&results, options.run.reporting.verbose, &reports)?;
            github::publish(&results, true);
        }
    }
    Ok(results.exit_status())
}

/// The gate of a run, which needs every pinned reading unless some requirements are selected.
pub(super) fn gate_of(options: &RunOptions) -> Result<Gate, Failure> {
    let needs_pinned = options.selection.is_empty();
    Ok(Gate { needs_pinned, ..gate(&options.reporting)? })
}

/// The run that the options describe.
pub(super) fn run_of(options: &RunOptions) -> Result<Run, Failure> {
    Ok(Run {
        max_duration: Some(options.max_duration),
        depth: Some(options.generation.depth()),
        ..options.execution.run(selected(&options.selection)?)
    })
}

/// The requirements that the latest run of the target found broken, if any.
fn last_failed(options: &RunOptions) -> Result<Option<Vec<RequirementId>>, Failure> {
    let found = LastFailed::find(&options.target.spec())?;
    let note = match &found {
        None => "no stored run of this target; checking every requirement".to_owned(),
        Some(LastFailed { run, broken }) if broken.is_empty() => {
            format!("run {run} found nothing broken; checking every requirement")
        }
        Some(LastFailed { run, broken }) => {
            format!(
                "checking what run {run} found broken; number of requirements: {}",
                broken.len()
            )
        }
    };
    eprintln!("note: {note}");
    Ok(found.map(|found| found.broken).filter(|broken| !broken.is_empty()))
}

/// Tests the target; the reports of a run without results are written here.
pub(super) fn perform(
    options: &RunOptions,
    run: &Run,
    gate: &Gate,
    reports: &[Report<Results>],
    printed: Printed,
) -> Result<(History, Verdicts), Failure> {
    Report::prepare(reports)?;
    let spec = options.target.spec();
    // Many scenarios, with several sockets each, run against a distant target at the same time.
    hearback_loadtests::machine::raise_descriptors();
    let interrupt = interrupt()?;
    let result = runtime()?.block_on(async {
        let target = spec.open().await?;
        let scenarios = run.scenarios();
        let progress = CheckProgress::of_scenarios(scenarios.len(), options.execution.quiet);
        let observer = match printed {
            Printed::Text => progress.observer(),
            Printed::Json => progress.printing_observer(),
        };
        let context = context(&interrupt, observer);
        Ok(check::check_and_confirm(run, target, scenarios, &context).await?)
    });
    drop(interrupt);
    options.execution.runs.prune(run.identity.name.as_str());
    or_report(result, reports, |failure| run.aborted(&spec, gate.clone(), failure.reason()))
}
