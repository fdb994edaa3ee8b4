//! Parameters of a run besides its profile, and errors that prevent it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use hearback_client::Target;
use tokio_util::sync::CancellationToken;

use super::Progress;
use crate::plan::Plan;
use crate::shared_rooms::{Exchange, Start};

/// Parameters of a run besides its profile.
pub struct Options {
    /// The target.
    pub target: Target,
    /// Name of the run.
    pub run: String,
    /// Seed of all random choices.
    pub seed: u64,
    /// True if the target is the embedded server.
    pub embedded: bool,
    /// Process id of the server, if it runs on this machine for this run.
    pub server: Option<u32>,
    /// Cancelled when the run should end early.
    pub cancellation: CancellationToken,
    /// True if the record so far is part of the progress.
    pub interim: bool,
    /// Receives progress. It is called between deliveries and must not block.
    pub progress: Arc<dyn Fn(&Progress) + Send + Sync>,
    /// File that goose writes its own report to; the extension selects the format.
    pub goose_report: Option<PathBuf>,
    /// Parameters that all workers share, if there are several.
    pub common: Option<Common>,
}

/// Waits for the common start, once the sockets are open. Completes with the start, or the reason why there is none.
pub type StartSignal = Arc<dyn Fn() -> BoxFuture<'static, Result<Start, String>> + Send + Sync>;

/// Parameters that all workers of a run share.
#[derive(Clone)]
pub struct Common {
    /// Number in the tags of all messages.
    pub tag: u32,
    /// Waits for the common start.
    pub start: StartSignal,
    /// The exchange about rooms that the workers share.
    pub exchange: Exchange,
}

impl fmt::Debug for Common {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Common").field("tag", &self.tag).finish_non_exhaustive()
    }
}

/// A reason why this machine cannot generate the load.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum LoadError {
    /// The limit of descriptors is too low for the sockets.
    #[error("{sockets} sockets need {needed} descriptors; this process is limited to {allowed}")]
    #[diagnostic(help("raise the hard limit (`ulimit -Hn`), or use a smaller profile"))]
    Descriptors {
        /// Sockets of the profile.
        sockets: u64,
        /// Descriptors needed.
        needed: u64,
        /// Descriptors allowed.
        allowed: u64,
    },
    /// The system provides no timer.
    #[error("cannot create a timer for the pacer")]
    Timer(#[from] std::io::Error),
}

/// Raises the limit of descriptors, and checks it against the sockets of a plan.
///
/// # Errors
/// [`LoadError::Descriptors`].
pub fn enough_descriptors(plan: &Plan) -> Result<u64, LoadError> {
    let allowed = crate::machine::raise_descriptors();
    let sockets = plan.members.len() as u64;
    let needed = sockets + crate::machine::SPARE_DESCRIPTORS;
    match needed > allowed {
        true => Err(LoadError::Descriptors { sockets, needed, allowed }),
        false => Ok(allowed),
    }
}
