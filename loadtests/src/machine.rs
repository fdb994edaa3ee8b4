//! What this machine gives: descriptors, processor time, memory.

use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::{Builder, Runtime};

/// Descriptors that a run needs beside its sockets: files, pipes, the runtime's own, REST connections.
pub const SPARE_DESCRIPTORS: u64 = 100;

/// What Linux counts processor time in for others to read, on every architecture that there still is.
const TICKS_PER_SECOND: u64 = 100;

/// Raises the soft limit of open descriptors to the hard one; gives how many there may be.
pub fn raise_descriptors() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum {
        // Where that is not allowed, the limit stays as it is.
        let _kept = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    }
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// Processor time that this process has used.
pub fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    // A processor clock is never negative.
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Processor time that another process has used; `None` where the system does not tell, or it is gone.
pub fn cpu_of(process: u32) -> Option<Duration> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, in brackets, may hold anything; after it the fields are numbered from 3 on.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
}

/// Most memory that was resident, in bytes; 0 where the system does not tell.
pub fn peak_memory() -> u64 {
    status("VmHWM:")
}

/// Memory resident now, in bytes; 0 where the system does not tell.
pub fn memory() -> u64 {
    status("VmRSS:")
}

/// How many processors there are.
pub fn cores() -> u64 {
    std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64)
}

fn status(member: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(member));
    let kibibytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.unwrap_or_default() << 10
}

/// While it lives, what this process prints on standard output goes nowhere: goose prints there whatever it
/// is told, a report may have to stand there alone, and a live view below it would be torn.
#[derive(Debug)]
pub struct OutputAside {
    output: OwnedFd,
}

impl OutputAside {
    /// Begins; `None` where there is nowhere to print to.
    pub fn begin() -> Option<Self> {
        let output = rustix::io::dup(rustix::stdio::stdout()).ok()?;
        let nowhere = std::fs::File::options().write(true).open("/dev/null").ok()?;
        rustix::stdio::dup2_stdout(&nowhere).ok()?;
        Some(Self { output })
    }
}

impl Drop for OutputAside {
    fn drop(&mut self) {
        // It was a descriptor before, so it can be one again.
        let _restored = rustix::stdio::dup2_stdout(&self.output);
    }
}
/// The runtime that a swarm lives on: the thread that asks for it.
///
/// A delivery is a few microseconds of work: more threads cost more in wake-ups than they give, which
/// `cargo bench -p hearback-loadtests --bench cost` shows with `TOKIO_WORKER_THREADS=2`. That variable is
/// heeded, for swarms that need more than one core.
///
/// # Errors
/// What the system says if there can be no thread.
pub fn runtime() -> std::io::Result<Runtime> {
    let mut builder = match std::env::var_os("TOKIO_WORKER_THREADS") {
        Some(_) => Builder::new_multi_thread(),
        None => Builder::new_current_thread(),
    };
    builder.enable_all().build()
}
