//! Workers in processes of their own on this machine.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use secrecy::ExposeSecret as _;
use tokio::time::Instant;

use crate::error::WorkersError;
use crate::nats::NatsOptions;

/// The environment variable of the URL, which contains a token: arguments can be read by other users.
const URL: &str = "HEARBACK_WORKER_NATS";
/// Time in which they end on their own.
const END_TIMEOUT: Duration = Duration::from_secs(10);

/// Workers that end when this is dropped.
pub(super) struct LocalWorkers(Vec<Child>);

impl LocalWorkers {
    /// Starts worker processes of this program, each for one part.
    pub(super) fn start(nats: &NatsOptions, workers: usize) -> Result<Self, WorkersError> {
        let program = std::env::current_exe().map_err(WorkersError::Spawn)?;
        let mut started = Self(Vec::with_capacity(workers));
        for _ in 0..workers {
            let mut command = Command::new(&program);
            command
                .args(["worker", "--quiet", "--once"])
                .env(URL, nats.url.expose_secret())
                .stdin(Stdio::null())
                .stdout(Stdio::null());
            // Ctrl-C is for the coordinator, which stops them.
            #[cfg(unix)]
            std::os::unix::process::CommandExt::process_group(&mut command, 0);
            started.0.push(command.spawn().map_err(WorkersError::Spawn)?);
        }
        Ok(started)
    }

    /// Waits until they have ended.
    pub(super) async fn finish(mut self) {
        let until = Instant::now() + END_TIMEOUT;
        while Instant::now() < until && self.0.iter_mut().any(is_running) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn is_running(worker: &mut Child) -> bool {
    matches!(worker.try_wait(), Ok(None))
}

impl Drop for LocalWorkers {
    fn drop(&mut self) {
        for worker in &mut self.0 {
            // It may have ended on its own.
            worker.kill().ok();
            worker.wait().ok();
        }
    }
}
