//! `hearback fuzz`.

use hearback_results::ExitStatus;
use hearback_runner::fuzz::{Cases, fuzz};
use hearback_runner::runs;

use crate::arguments::Fuzz;
use crate::execution::{context, interrupt, runtime};
use crate::failure::Failure;
use crate::progress::CheckProgress;
use crate::reporting::{Report, gate, or_report, report, selected};

pub(crate) fn run(options: &Fuzz) -> Result<ExitStatus, Failure> {
    let selected = selected(&options.selection)?;
    let reports = Report::parse(&options.reporting.report)?;
    let gate = gate(&options.reporting)?;
    Report::prepare(&reports)?;
    let run = options.execution.run(selected);
    let spec = options.target.spec();
    let bounds = options.generation.bounds();
    let cases = Cases::new(&run, bounds.case.as_ref())?;
    let progress = CheckProgress::of_cases(bounds.total(), options.execution.quiet);
    let interrupt = interrupt()?;
    let context = context(&interrupt, progress.observer());
    let result = runtime()?.block_on(async {
        let target = spec.open().await?;
        Ok(fuzz(&run, target, &bounds, cases, gate.clone(), &context).await?)
    });
    drop(interrupt);
    options.execution.runs.prune(run.identity.name.as_str());
    let results =
        or_report(result, &reports, |failure| run.aborted(&spec, gate, failure.reason()))?;
    runs::summarize(run.journal.as_deref(), &results);
    report(&results, options.reporting.verbose, &reports)?;
    Ok(results.exit_status())
}
