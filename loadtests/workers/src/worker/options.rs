//! Parameters of a worker.

use std::net::IpAddr;
use std::path::PathBuf;

use crate::nats::NatsOptions;

/// Parameters of a worker.
#[derive(Clone, Debug)]
pub struct WorkerOptions {
    /// The connection to NATS.
    pub nats: NatsOptions,
    /// True to end after one run.
    pub is_once: bool,
    /// Folder of records and journals.
    pub folder: PathBuf,
    /// Local addresses of connections to the target, instead of those of the run.
    pub interface: Vec<IpAddr>,
}
