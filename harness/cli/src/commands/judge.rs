//! `hearback judge`: judging a stored history.

use hearback_history::{History, journal};

use super::{conclude, gate, reports, selected};
use crate::arguments::Judge;
use crate::exit::Failure;

pub(crate) fn run(options: Judge) -> Result<u8, Failure> {
    let selected = selected(&options.selection)?;
    let reports = reports(&options.reporting.report)?;
    let gate = gate(&options.reporting)?;
    let events = journal::read(&options.journal)?;
    journal::whole(&options.journal, &events).map_err(|error| Failure::unfinished(error.into()))?;
    let history = History::from_events(events);
    conclude(&history, &selected, gate, &options.reporting, &reports)
}
