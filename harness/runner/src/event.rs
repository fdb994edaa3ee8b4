//! Events that a run reports while it is in progress.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hearback_contract::RequirementId;
use hearback_history::{OrphanedRoom, ScenarioEnd, ScenarioName};
use hearback_loadtests::{Part, Progress};
use hearback_stats::record::Trial;
use jiff::Timestamp;

use crate::capacity::Quantity;
use crate::load::WorkerStatus;
use crate::onboarding::unsigned::Unsigned;

/// Something that happened in a run; rendered by whoever observes it.
#[derive(Clone, Debug)]
pub enum Event {
    /// The target is known and the journal is open; nothing was sent yet.
    Started {
        /// Name of the run.
        run: String,
        /// Seed of everything random.
        seed: u64,
        /// The target, in words.
        target: String,
        /// Number of accounts.
        accounts: usize,
        /// The journal, if one is written.
        journal: Option<PathBuf>,
    },
    /// Another account was logged in.
    LoggingIn {
        /// Accounts logged in so far.
        done: usize,
        /// Accounts to log in.
        all: usize,
    },
    /// The target throttles all requests.
    Throttled {
        /// Delay that the target demands, in seconds.
        wait_s: f64,
    },
    /// Another room of a load run was created.
    CreatingRooms {
        /// Rooms created so far.
        done: usize,
        /// Rooms to create.
        all: usize,
    },
    /// A scenario began.
    ScenarioStarted {
        /// Its name.
        scenario: ScenarioName,
    },
    /// A scenario ended.
    ScenarioEnded {
        /// Its name.
        scenario: ScenarioName,
        /// Its end.
        end: ScenarioEnd,
    },
    /// The scenarios that broke requirements are repeated.
    Confirming {
        /// Number of findings.
        findings: usize,
        /// Maximum duration.
        time: Duration,
    },
    /// The smallest scenario that breaks a requirement is searched for.
    Minimizing {
        /// The requirement.
        requirement: RequirementId,
        /// Maximum number of attempts.
        attempts: usize,
        /// Maximum duration.
        time: Duration,
    },
    /// A file of a reproduction could not be written.
    ReproductionNotWritten {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// A room that the run created was not archived.
    RoomLeftBehind(OrphanedRoom),
    /// The journal could not be written to its end.
    JournalIncomplete {
        /// The journal.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// No more scenarios are run.
    Finished,
    /// Another fault was tested.
    FaultTested {
        /// Faults tested so far.
        done: usize,
        /// Faults to test.
        all: usize,
    },
    /// The embedded server accepts connections.
    Serving {
        /// Base URL of requests.
        url: String,
        /// Address, also of the sockets.
        address: SocketAddr,
        /// User names of its accounts.
        accounts: Vec<String>,
    },
    /// The target of a load run is known; nothing was sent yet.
    LoadStarted {
        /// Name of the run.
        run: String,
        /// The target, in words.
        target: String,
    },
    /// Accounts log in although the key of the target is known.
    AccountsNotSigned(Unsigned),
    /// Live metrics of a load run are served.
    ServingMetrics {
        /// The URL of the page.
        url: String,
    },
    /// Live metrics of a load run are sent to a receiver of OTLP.
    ExportingMetrics {
        /// The URL of the receiver, without credentials.
        url: String,
    },
    /// Live metrics could not be sent. Only the first failure of a run is reported.
    MetricsNotExported {
        /// The URL of the receiver, without credentials.
        url: String,
        /// The reason.
        reason: String,
    },
    /// A live page about a load run is served.
    ServingDashboard {
        /// Its URL.
        url: String,
    },
    /// The workers of a distributed load run, once a second.
    Workers(Vec<WorkerStatus>),
    /// A worker waits for work.
    WaitingForWork {
        /// URL of the NATS server, without credentials.
        server: String,
        /// Machine and process of the worker.
        worker: String,
    },
    /// A worker has received a part of a run.
    PartAssigned {
        /// The run.
        run: String,
        /// The part.
        part: Part,
        /// Number of its rooms.
        rooms: usize,
        /// Number of the members of its rooms.
        members: usize,
    },
    /// The coordinator has ordered the start of the schedule.
    StartOrdered {
        /// The time of the start on the clock of this machine.
        at: Timestamp,
    },
    /// A load run made progress.
    Load(Progress),
    /// goose could not write its own figures.
    GooseFailed {
        /// The reason.
        reason: String,
    },
    /// A trial of a capacity search ended.
    TrialEnded {
        /// Number of the trial, from 1.
        number: usize,
        /// The quantity that the search varies.
        of: Quantity,
        /// The trial.
        trial: Trial,
    },
    /// The record of a load run could not be saved.
    RecordUnsaved {
        /// The file and the reason.
        reason: String,
    },
    /// The record of a load run was saved.
    RecordSaved {
        /// The file.
        path: PathBuf,
    },
}

/// Receives events. It is called from within the run and must not block.
#[derive(Clone)]
pub struct Observer(Arc<dyn Fn(&Event) + Send + Sync>);

impl Observer {
    /// An observer that calls a function for each event.
    pub fn new(observe: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self(Arc::new(observe))
    }

    /// Passes an event to the observer.
    pub fn observe(&self, event: &Event) {
        (self.0)(event);
    }
}

/// Ignores every event.
impl Default for Observer {
    fn default() -> Self {
        Self::new(|_| {})
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Observer")
    }
}
