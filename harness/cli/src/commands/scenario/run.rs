//! `hearback scenario run`: carrying out scenario files.

use std::io::IsTerminal as _;

use hearback_checker::{State, Verdicts, check_history};
use hearback_contract::RequirementId;
use hearback_history::Sink;
use hearback_results::Results;

use super::trace::Trace;
use super::{files, lint, verdict};
use crate::arguments::ScenarioRun;
use crate::check::{self, Progress, Run, TargetUnderTest};
use crate::commands::{gate, report, reports};
use crate::exit::{self, Failure};
use crate::{output, runtime};

pub(super) fn run(options: ScenarioRun) -> Result<u8, Failure> {
    let reports = reports(&options.reporting.report)?;
    let gate = gate(&options.reporting)?;
    let readings = files::read_all(&options.files)?;
    lint::tell(&readings);
    if readings.iter().any(|reading| reading.diagnostics.has_errors()) {
        return Ok(exit::USAGE);
    }
    let scenarios: Vec<_> = readings.into_iter().flat_map(|reading| reading.scenarios).collect();
    let declared: Vec<RequirementId> =
        scenarios.iter().flat_map(|scenario| scenario.requirements.clone()).collect();
    let mut run = Run::new(&options.target, declared.clone());
    let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
    if options.trace {
        // One after the other: lanes of several scenarios at once would say nothing.
        run.concurrency = 1;
        sinks.push(Box::new(Trace::new(output::style(false))));
    }
    let quiet = options.target.quiet || options.trace && std::io::stderr().is_terminal();
    let history = runtime()?.block_on(async {
        let target = TargetUnderTest::prepare(&options.target).await?;
        let progress = Progress::new(scenarios.len(), quiet);
        check::history(&run, target, scenarios.clone(), &progress, sinks).await
    })?;
    let verdicts = told(check_history(&history, |_| true), &declared);
    let record = Results::new(&history, &verdicts, gate);
    let is_broken = record.broken().iter().any(|_| true);
    report(&record, options.reporting.verbose, &reports, is_broken || options.reporting.verbose)?;
    if !reports.iter().any(|report| report.is_printed()) {
        output::print(&verdict::render(&scenarios, &history, &verdicts, output::style(false)));
    }
    Ok(verdict::exit_code(&scenarios, &history, record.exit_status().code()))
}

/// What can be said of these scenarios: of what they speak to, and of whatever else they showed.
fn told(verdicts: Verdicts, declared: &[RequirementId]) -> Verdicts {
    let verdicts = verdicts.verdicts.into_iter().filter(|verdict| {
        declared.contains(&verdict.requirement)
            || matches!(verdict.state, State::Held | State::Broken)
    });
    Verdicts { verdicts: verdicts.collect() }
}
