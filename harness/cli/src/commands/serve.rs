//! `hearback serve`.

use hearback_reports::progress::serving;
use hearback_results::ExitStatus;
use hearback_runner::{Context, Observer};

use crate::arguments::Serve;
use crate::execution::runtime;
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(options: Serve) -> Result<ExitStatus, Failure> {
    hearback_loadtests::machine::raise_descriptors();
    let observer = Observer::new(|event| {
        serving(event).into_iter().for_each(|text| output::print(&text));
    });
    let context = Context::with_observer(observer);
    runtime()?.block_on(options.server().serve(&context))?;
    Ok(ExitStatus::Passed)
}
