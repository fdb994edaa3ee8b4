//! `hearback check`: does a backend keep the document?

use super::{conclude, gate, reports, selected};
use crate::arguments::Check;
use crate::check::{self, Progress, Run, TargetUnderTest};
use crate::exit::Failure;
use crate::runtime;

pub(crate) fn run(options: Check) -> Result<u8, Failure> {
    let selected = selected(&options.selection)?;
    let reports = reports(&options.reporting.report)?;
    let gate = gate(&options.reporting)?;
    let run = Run::new(&options.target, selected);
    let history = runtime()?.block_on(async {
        let target = TargetUnderTest::prepare(&options.target).await?;
        let scenarios = run.scenarios(options.generation.depth());
        let progress = Progress::new(scenarios.len(), options.target.quiet);
        check::history_with_reproductions(&run, target, scenarios, &progress).await
    })?;
    conclude(&history, &run.selected, gate, &options.reporting, &reports)
}
