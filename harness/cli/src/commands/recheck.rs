//! `hearback recheck`.

use hearback_results::{ExitStatus, Results};
use hearback_runner::recheck::{other_contract, recheck};

use crate::arguments::Recheck;
use crate::failure::Failure;
use crate::reporting::{Report, gate, report, selected, since};

pub(crate) fn run(options: &Recheck) -> Result<ExitStatus, Failure> {
    let selected = selected(&options.selection)?;
    let reports = Report::parse(&options.reporting.report)?;
    let gate = gate(&options.reporting)?;
    let baseline = options.baseline.read()?;
    let (history, verdicts) = recheck(&options.journal, &selected)?;
    if let Some(contract) = other_contract(&history) {
        eprintln!("warning: the run was recorded under another contract ({contract})");
    }
    let results = since(baseline.as_ref(), Results::new(&history, &verdicts, gate));
    report(&results, options.reporting.verbose, &reports)?;
    Ok(results.exit_status())
}
