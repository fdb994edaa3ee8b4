//! `hearback check`: does a backend keep the document?

use super::{conclude, reports, selected};
use crate::arguments::Check;
use crate::check::{self, Run};
use crate::exit::Failure;
use crate::runtime;

pub(crate) fn run(options: Check) -> Result<u8, Failure> {
    let selected = selected(&options.selection)?;
    let reports = reports(&options.reporting)?;
    let run = Run::new(&options, selected.clone())?;
    let history = runtime()?.block_on(check::history(run, &options))?;
    conclude(&history, &selected, &options.reporting, &reports)
}
