//! Signals: the first one ends the run in order, the second one ends the process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::error::RunError;

/// Exit code of a process that was interrupted twice, as shells expect it of SIGINT.
pub(crate) const INTERRUPTED: i32 = 130;

/// Exit code of a run that could not finish.
const INCOMPLETE: i32 = 3;

/// Maximum duration of the orderly end of a run; its parts have shorter bounds of their own.
const LONGEST_END: Duration = Duration::from_secs(30);

/// Time in which a second signal repeats the first: `timeout` of coreutils sends each signal to the process and to its
/// group.
const ECHO: Duration = Duration::from_millis(500);

/// The installed handler.
pub struct Interrupt {
    token: CancellationToken,
    is_armed: Arc<AtomicBool>,
}

impl Interrupt {
    /// Installs the handler of SIGINT, SIGTERM, SIGHUP and SIGQUIT; `notify` is called at the first signal.
    ///
    /// A process can install one handler. It must be installed before goose starts, which would otherwise
    /// install one that ends the process without a record.
    ///
    /// # Errors
    /// If the system does not allow a handler, or there is one already.
    pub fn install(notify: impl Fn() + Send + Sync + 'static) -> Result<Self, RunError> {
        let token = CancellationToken::new();
        let is_armed = Arc::new(AtomicBool::new(true));
        let (cancelled, armed) = (token.clone(), is_armed.clone());
        let first = OnceLock::new();
        let handle = Arc::new(move || {
            if !armed.load(Ordering::Relaxed) {
                std::process::exit(INTERRUPTED);
            }
            if first.set(Instant::now()).is_ok() {
                notify();
                cancelled.cancel();
                end_after(LONGEST_END, armed.clone());
            } else if first.get().is_some_and(|first| first.elapsed() > ECHO) {
                std::process::exit(INTERRUPTED);
            }
        });
        handle_quit(handle.clone())?;
        ctrlc::set_handler(move || handle()).map_err(RunError::Interrupt)?;
        Ok(Self { token, is_armed })
    }

    /// The token that the first signal cancels.
    pub fn token(&self) -> CancellationToken {
        self.token.clone()
    }
}

/// Once the run is over there is nothing left to end in order: the next signal ends the process.
impl Drop for Interrupt {
    fn drop(&mut self) {
        self.is_armed.store(false, Ordering::Relaxed);
    }
}

/// Ends the process if the run has not ended by then.
fn end_after(delay: Duration, is_armed: Arc<AtomicBool>) {
    std::thread::spawn(move || {
        std::thread::sleep(delay);
        if is_armed.load(Ordering::Relaxed) {
            std::process::exit(INCOMPLETE);
        }
    });
}

/// Handles SIGQUIT, which `ctrlc` leaves alone.
#[cfg(unix)]
fn handle_quit(handle: Arc<impl Fn() + Send + Sync + 'static>) -> Result<(), RunError> {
    let signals = signal_hook::iterator::Signals::new([signal_hook::consts::SIGQUIT]);
    let mut signals = signals.map_err(RunError::Signal)?;
    std::thread::spawn(move || signals.forever().for_each(|_| handle()));
    Ok(())
}

#[cfg(not(unix))]
fn handle_quit(_: Arc<impl Fn() + Send + Sync + 'static>) -> Result<(), RunError> {
    Ok(())
}

/// Waits for Ctrl-C, or for a signal that service managers and closing terminals send.
pub(crate) async fn stopped() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminated = signal(SignalKind::terminate())?;
        let mut hung_up = signal(SignalKind::hangup())?;
        let mut quit = signal(SignalKind::quit())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminated.recv() => Ok(()),
            _ = hung_up.recv() => Ok(()),
            _ = quit.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
