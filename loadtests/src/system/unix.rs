//! Linux and macOS.

use std::os::fd::OwnedFd;
use std::time::Duration;

use hearback_history::Nanoseconds;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, Timespec, clock_gettime};

pub(crate) fn raise_descriptors() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum {
        // Best effort: if raising the limit is not allowed, it stays as it is.
        let _kept = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    }
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

pub(crate) fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    // A processor clock is never negative.
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

pub(crate) fn monotonic() -> Nanoseconds {
    let Timespec { tv_sec, tv_nsec } = clock_gettime(ClockId::Monotonic);
    // A monotonic clock is never negative.
    Nanoseconds::new(tv_sec as u64 * 1_000_000_000 + tv_nsec as u64)
}

/// Discards the standard output of this process while it exists.
///
/// Goose always prints to standard output, which would mix with reports and the live panel.
#[derive(Debug)]
pub struct SilencedOutput {
    output: OwnedFd,
}

impl SilencedOutput {
    /// Starts discarding output; `None` if standard output cannot be redirected.
    pub fn start() -> Option<Self> {
        let output = rustix::io::dup(rustix::stdio::stdout()).ok()?;
        let nowhere = std::fs::File::options().write(true).open("/dev/null").ok()?;
        rustix::stdio::dup2_stdout(&nowhere).ok()?;
        Some(Self { output })
    }
}

impl Drop for SilencedOutput {
    fn drop(&mut self) {
        // Restoring a valid descriptor does not fail.
        let _restored = rustix::stdio::dup2_stdout(&self.output);
    }
}
