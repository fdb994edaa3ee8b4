//! `hearback check`.

use hearback_results::{ExitStatus, Gate, Results};
use hearback_runner::{Run, check};

use crate::arguments::Check;
use crate::execution::{context, interrupt, runtime};
use crate::failure::Failure;
use crate::progress::CheckProgress;
use crate::reporting::{Report, gate, or_report, report, selected};

pub(crate) fn run(options: &Check) -> Result<ExitStatus, Failure> {
    let selected = selected(&options.selection)?;
    let reports = Report::parse(&options.reporting.report)?;
    let needs_pinned = options.selection.is_empty();
    let gate = Gate { needs_pinned, ..gate(&options.reporting)? };
    Report::prepare(&reports)?;
    let run = Run {
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
    let (history, verdicts) =
        or_report(result, &reports, |failure| run.aborted(&spec, gate.clone(), failure.reason()))?;
    let results = Results::new(&history, &verdicts, gate);
    report(&results, options.reporting.verbose, &reports)?;
    Ok(results.exit_status())
}
