//! `hearback scenario run`.

use std::io::IsTerminal as _;

use hearback_contract::RequirementId;
use hearback_history::Sink;
use hearback_reports::{Trace, scenarios as outcomes};
use hearback_results::{ExitStatus, Results, scenario};
use hearback_runner::{Concurrency, check, runs};
use hearback_scenarios::files;

use super::lint;
use crate::arguments::ScenarioRun;
use crate::execution::{context, interrupt, runtime};
use crate::failure::Failure;
use crate::github;
use crate::output;
use crate::progress::CheckProgress;
use crate::reporting::{Report, gate, or_report, report, write_reports};

pub(super) fn run(options: &ScenarioRun) -> Result<ExitStatus, Failure> {
    let reports = Report::parse(&options.reporting.report)?;
    let gate = gate(&options.reporting)?;
    let files = files::read_all(&options.files).map_err(Failure::usage)?;
    lint::print_diagnostics(&files);
    if files.iter().any(|file| file.diagnostics.has_errors()) {
        return Ok(ExitStatus::Usage);
    }
    Report::prepare(&reports)?;
    let scenarios: Vec<_> = files.into_iter().flat_map(|file| file.scenarios).collect();
    let covered: Vec<RequirementId> =
        scenarios.iter().flat_map(|scenario| scenario.requirements.clone()).collect();
    let mut run = options.execution.run(covered.clone());
    let spec = options.target.spec();
    let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
    if options.trace {
        // Lanes of several scenarios at the same time would be unreadable.
        run.concurrency = Concurrency::Fixed(1);
        sinks.push(Box::new(Trace::new(output::style(false), output::print_recorded)));
    }
    let is_quiet = options.execution.quiet || options.trace && std::io::stderr().is_terminal();
    let interrupt = interrupt()?;
    let result = runtime()?.block_on(async {
        let target = spec.open().await?;
        let progress = CheckProgress::of_scenarios(scenarios.len(), is_quiet);
        let context = context(&interrupt, progress.observer());
        Ok(check::check_all(&run, target, scenarios.clone(), &context, sinks).await?)
    });
    drop(interrupt);
    options.execution.runs.prune(run.identity.name.as_str());
    let (history, verdicts) =
        or_report(result, &reports, |failure| run.aborted(&spec, gate.clone(), failure.reason()))?;
    let verdicts = scenario::reported(verdicts, &covered);
    let results = Results::new(&history, &verdicts, gate);
    runs::summarize(run.journal.as_deref(), &results);
    let verbose = options.reporting.verbose;
    match results.exit_status().is_success() && !verbose {
        true => write_reports(&results, verbose, &reports)?,
        false => report(&results, verbose, &reports)?,
    }
    if !reports.iter().any(Report::is_printed) {
        let outcomes = outcomes::render(&scenarios, &history, &verdicts, output::style(false));
        output::print(&github::quoted(outcomes));
    }
    Ok(results.exit_status())
}
