//! `hearback judge`: judging a stored history.

use super::{conclude, gate, reports, selected, stored};
use crate::arguments::Judge;
use crate::exit::Failure;

pub(crate) fn run(options: Judge) -> Result<u8, Failure> {
    let selected = selected(&options.selection)?;
    let reports = reports(&options.reporting.report)?;
    let gate = gate(&options.reporting)?;
    let history = stored(&options.journal)?;
    conclude(&history, &selected, gate, &options.reporting, &reports)
}
