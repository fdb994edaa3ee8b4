//! Resources of the machine: descriptors, processor time, memory, standard output, runtime.

use std::time::Duration;

use hearback_history::Nanoseconds;
use tokio::runtime::{Builder, Runtime};

use crate::system;

pub use crate::system::SilencedOutput;

/// Number of descriptors that a run needs besides its sockets, for files, pipes, the runtime and REST connections.
pub const SPARE_DESCRIPTORS: u64 = 100;

/// Unit of processor times in `/proc`, which is the same on all architectures.
const TICKS_PER_SECOND: u64 = 100;

/// Raises the soft limit of open descriptors to the hard limit, and returns it; `u64::MAX` on Windows, which has none.
pub fn raise_descriptors() -> u64 {
    system::raise_descriptors()
}

/// Processor time used by this process; zero on Windows.
pub fn cpu() -> Duration {
    system::cpu()
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

/// The time of the system's monotonic clock, which all processes of a machine share, except on Windows.
pub fn monotonic() -> Nanoseconds {
    system::monotonic()
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
