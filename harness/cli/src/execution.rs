//! The runtime, the context and the handling of Ctrl-C, which commands that run something share.

use hearback_runner::interrupt::Interrupt;
use hearback_runner::{Context, Observer};

use crate::failure::Failure;
use crate::log;

/// A runtime for commands that test a target or are one.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::incomplete)
}

/// The context of a run that the first Ctrl-C cancels.
pub(crate) fn context(interrupt: &Interrupt, observer: Observer) -> Context {
    Context { cancellation: interrupt.token(), observer, redaction: log::redaction() }
}

/// Makes the first Ctrl-C end the run in order.
pub(crate) fn interrupt() -> Result<Interrupt, Failure> {
    Ok(Interrupt::install(|| {
        eprintln!("Stopping: saving results and archiving rooms. Press Ctrl-C again to quit now.");
    })?)
}
