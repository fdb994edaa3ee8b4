//! Ctrl-C: the first press cancels the run in order, the second one ends the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;

use crate::error::RunError;

/// Exit code of a process that was interrupted twice, as shells expect it of SIGINT.
const INTERRUPTED: i32 = 130;

/// The installed handler.
pub struct Interrupt {
    token: CancellationToken,
    is_armed: Arc<AtomicBool>,
}

impl Interrupt {
    /// Installs the handler; `notify` is called at the first Ctrl-C.
    ///
    /// A process can install one handler. It must be installed before goose starts, which would otherwise
    /// install one that ends the process without a record.
    ///
    /// # Errors
    /// If the system does not allow a handler, or there is one already.
    pub fn install(notify: impl Fn() + Send + 'static) -> Result<Self, RunError> {
        let token = CancellationToken::new();
        let is_armed = Arc::new(AtomicBool::new(true));
        let (cancelled, armed) = (token.clone(), is_armed.clone());
        ctrlc::set_handler(move || {
            if cancelled.is_cancelled() || !armed.load(Ordering::Relaxed) {
                std::process::exit(INTERRUPTED);
            }
            notify();
            cancelled.cancel();
        })
        .map_err(RunError::Interrupt)?;
        Ok(Self { token, is_armed })
    }

    /// The token that the first Ctrl-C cancels.
    pub fn token(&self) -> CancellationToken {
        self.token.clone()
    }
}

/// Once the run is over there is nothing left to end in order: the next Ctrl-C ends the process.
impl Drop for Interrupt {
    fn drop(&mut self) {
        self.is_armed.store(false, Ordering::Relaxed);
    }
}
