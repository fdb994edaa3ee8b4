//! `hearback worker`.

use std::path::PathBuf;

use hearback_loadtests::machine;
use hearback_results::ExitStatus;
use hearback_runner::run::RUNS_FOLDER;
use hearback_workers::{WorkerOptions, work};

use crate::arguments::Worker;
use crate::execution::{context, interrupt};
use crate::failure::Failure;
use crate::progress::LoadProgress;

pub(crate) fn run(options: &Worker) -> Result<ExitStatus, Failure> {
    let worker = WorkerOptions {
        nats: options.security.of(&options.nats)?,
        is_once: options.once,
        folder: PathBuf::from(RUNS_FOLDER),
        interface: options.interface.clone(),
    };
    // Before goose installs its handler.
    let interrupt = interrupt()?;
    let progress = LoadProgress::start(options.quiet);
    let silenced = machine::SilencedOutput::start();
    let context = context(&interrupt, progress.observer());
    let runtime = machine::runtime().map_err(Failure::incomplete)?;
    let result = runtime.block_on(work(&worker, &context));
    progress.finish();
    drop((silenced, interrupt));
    result.map_err(Failure::workers)?;
    Ok(ExitStatus::Passed)
}
