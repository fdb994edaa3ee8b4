//! Resources of the machine: descriptors, processor time, memory, standard output, runtime.

use std::os::fd::OwnedFd;
use std::time::Duration;

use hearback_history::Nanoseconds;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::{Builder, Runtime};

/// Number of descriptors that a run needs besides its sockets, for files, pipes, the runtime and REST connections.
pub const SPARE_DESCRIPTORS: u64 = 100;

/// Unit of processor times in `/proc`, which is the same on all architectures.
const TICKS_PER_SECOND: u64 = 100;

/// Raises the soft limit of open descriptors to the hard limit, and returns it.
pub fn raise_descriptors() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum {
        // Best effort: if raising the limit is not allowed, it stays as it is.
        let _kept = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    }
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// Processor time used by this process.
pub fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    // A processor clock is never negative.
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Processor time used by another process; `None` if it has ended, or on systems without `/proc`.
pub fn cpu_of(process: u32) -> Option<Duration> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The second field is the name in parentheses, which may contain spaces. The field after it has number 3.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
}

/// Peak resident memory, in bytes; 0 on systems without `/proc`.
pub fn peak_memory() -> u64 {
    status("VmHWM:")
}

/// Resident memory, in bytes; 0 on systems without `/proc`.
pub fn memory() -> u64 {
    status("VmRSS:")
}

/// The time of the system's monotonic clock, which all processes of a machine share.
pub fn monotonic() -> Nanoseconds {
    crate::clock::monotonic()
}

/// Number of processors.
pub fn cores() -> u64 {
    std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64)
}

fn status(member: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(member));
    let kibibytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.unwrap_or_default() << 10
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
/// The runtime of a swarm. Single-threaded, unless `TOKIO_WORKER_THREADS` is set for swarms that need more than one
/// core.
///
/// A delivery takes a few microseconds, so that the wake-ups of additional threads cost more than the threads gain.
/// `cargo bench -p hearback-loadtests --bench cost` measures this with `TOKIO_WORKER_THREADS=2`.
///
/// # Errors
/// If the system provides no thread.
pub fn runtime() -> std::io::Result<Runtime> {
    let mut builder = match std::env::var_os("TOKIO_WORKER_THREADS") {
        Some(_) => Builder::new_multi_thread(),
        None => Builder::new_current_thread(),
    };
    builder.enable_all().build()
}
