//! `hearback check`.

use hearback_checker::Verdicts;
use hearback_history::{History, Shard};
use hearback_results::{ExitStatus, Gate, Results};
use hearback_runner::{Run, check};

use crate::arguments::{Check, RunOptions};
use crate::execution::{context, interrupt, runtime};
use crate::failure::Failure;
use crate::progress::CheckProgress;
use crate::reporting::{Report, gate, or_report, report, selected, since};

pub(crate) fn run(options: &Check) -> Result<ExitStatus, Failure> {
    let baseline = options.baseline.read()?;
    let shard = options.shard;
    let options = &options.run;
    let reports = Report::parse(&options.reporting.report)?;
    let gate = gate_of(options)?;
    let (history, verdicts) = perform(options, shard, &gate, &reports)?;
    let results = since(baseline.as_ref(), Results::new(&history, &verdicts, gate));
    report(&results, options.reporting.verbose, &reports)?;
    Ok(results.exit_status())
}

/// The gate of a run, which needs every pinned reading unless some requirements are selected.
pub(super) fn gate_of(options: &RunOptions) -> Result<Gate, Failure> {
    let needs_pinned = options.selection.is_empty();
    Ok(Gate { needs_pinned, ..gate(&options.reporting)? })
}

/// Tests the target; the reports are written only if there are no results.
pub(super) fn perform(
    options: &RunOptions,
    shard: Option<Shard>,
    gate: &Gate,
    reports: &[Report<Results>],
) -> Result<(History, Verdicts), Failure> {
    let selected = selected(&options.selection)?;
    Report::prepare(reports)?;
    let run = Run {
        shard,
        max_duration: Some(options.max_duration),
        longest_wait: Some(options.generation.depth().wait),
        ..options.execution.run(selected)
    };
    let spec = options.target.spec();
    // Many scenarios, with several sockets each, run against a distant target at the same time.
    hearback_loadtests::machine::raise_descriptors();
    let interrupt = interrupt()?;
    let result = runtime()?.block_on(async {
        let target = spec.open().await?;
        let scenarios = run.scenarios(options.generation.depth());
        let progress = CheckProgress::of_scenarios(scenarios.len(), options.execution.quiet);
        let context = context(&interrupt, progress.observer());
        Ok(check::check_and_confirm(&run, target, scenarios, &context).await?)
    });
    drop(interrupt);
    options.execution.runs.prune(&run.identity.name);
    or_report(result, reports, |failure| run.aborted(&spec, gate.clone(), failure.reason()))
}
