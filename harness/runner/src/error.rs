//! Errors that end a run without results.

use std::net::SocketAddr;
use std::path::PathBuf;

use hearback_client::{
    Account, ClientError, ConnectionError, LoginError, PreflightError, TargetError,
    TokenCacheError, UnknownUser,
};
use hearback_config::{FileError, Problem};
use hearback_contract::{UnknownId, UserId};
use hearback_history::journal::JournalError;
use hearback_history::{ActorName, ScenarioName};
use hearback_loadtests::{LoadError, PlanError};
use hearback_mutants::readings::ReadingError;
use hearback_mutants::weather::WeatherError;
use hearback_reference::StartError;
use hearback_scenarios::Diagnostics;
use miette::Diagnostic;

use crate::load::OtlpError;

/// Reason for a run without results. Texts of the target are bounded, escaped, and without secrets.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum RunError {
    /// A URL of the target is invalid.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// A setting of the connection is invalid.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    /// The accounts file cannot be used, or contradicts the target.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Accounts(#[from] FileError),
    /// The token cache cannot be used.
    #[error(transparent)]
    #[diagnostic(help("restrict the file to its owner (`chmod 600`), or use another one"))]
    TokenCache(#[from] TokenCacheError),
    /// An environment variable that an option names cannot be used.
    #[error("{0}")]
    Environment(Problem),
    /// An id of a requirement or a fault is unknown.
    #[error(transparent)]
    Id(#[from] UnknownId),
    /// The readings of the embedded server contradict each other.
    #[error(transparent)]
    Readings(#[from] ReadingError),
    /// The weather of the embedded server is invalid.
    #[error(transparent)]
    Weather(#[from] WeatherError),
    /// The name of a generated case is unknown.
    #[error("unknown case `{name}` for seed {seed}")]
    #[diagnostic(help("the names of sequences have the form sequence/1a2b3c4d"))]
    Case {
        /// The name.
        name: ScenarioName,
        /// The seed of the run.
        seed: u64,
    },
    /// The journal cannot be created.
    #[error("cannot write the journal")]
    #[diagnostic(help("use --journal FILE to write it elsewhere"))]
    JournalUnwritable(#[source] JournalError),
    /// A journal cannot be read.
    #[error("cannot read the journal")]
    JournalUnreadable(#[source] JournalError),
    /// Events are missing in a journal.
    #[error("cannot check an incomplete journal")]
    JournalIncomplete(#[source] JournalError),
    /// The run has no such finding.
    #[error("the run has no finding {wanted}; it has {count}{}", of(.requirements))]
    Finding {
        /// The requirement or number that was asked for.
        wanted: String,
        /// Number of findings of the run.
        count: usize,
        /// Requirements that are broken in the run.
        requirements: Vec<String>,
    },
    /// A finding of a remote target is to be replayed without naming the target.
    #[error("the run tested {target}; specify the target to allow requests to it")]
    #[diagnostic(help("add{options}"))]
    TargetNotNamed {
        /// The target of the run.
        target: String,
        /// The options that name it, each after a space.
        options: String,
    },
    /// The journal does not say what was tested.
    #[error("the journal does not name the target of the run")]
    #[diagnostic(help("add --target and --accounts"))]
    TargetUnknown,
    /// The scenario of a finding is neither embedded nor generated.
    #[error("`{0}` is neither an embedded nor a generated scenario")]
    #[diagnostic(help("run its file with `hearback scenario run`"))]
    Scenario(ScenarioName),
    /// A file cannot be read.
    #[error("cannot read {}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// A configuration or waivers file cannot be edited in place.
    #[error("cannot edit the file: {0}")]
    NotEditable(Problem),
    /// There is nothing to merge.
    #[error("no journal of a shard is given")]
    NoShards,
    /// A scenario file is invalid.
    #[error(transparent)]
    #[diagnostic(transparent)]
    InvalidScenario(#[from] Box<Diagnostics>),
    /// A record of a load run is invalid.
    #[error("{} {reason}", .path.display())]
    InvalidRecord {
        /// The file.
        path: PathBuf,
        /// The problem.
        reason: String,
    },
    /// The record of a load run cannot be written.
    #[error("cannot write the record to {}", .path.display())]
    RecordUnwritable {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The accounts do not suffice for the profile.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Plan(#[from] PlanError),
    /// An account of the embedded server has no password.
    #[error(
        "{}: `{account}` has tokens instead of a password; a server needs passwords",
        .file.display()
    )]
    PasswordMissing {
        /// The accounts file.
        file: PathBuf,
        /// The account.
        account: ActorName,
    },
    /// A load run would reach hosts that are not allowed.
    #[error(
        "{} {} not this machine, and a load run can put {} out of service; if you may do that, add {}",
        .0.join(" and "),
        if .0.len() == 1 { "is" } else { "are" },
        if .0.len() == 1 { "it" } else { "them" },
        allow_load(.0)
    )]
    HostsNotAllowed(Vec<String>),
    /// The load generator cannot run the profile on this machine.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Load(#[from] LoadError),
    /// No account may create rooms.
    #[error("no account may create rooms")]
    #[diagnostic(help("every account of the file has `creates_rooms = false`"))]
    NoCreator,
    /// The user id of an account is unknown.
    #[error(transparent)]
    #[diagnostic(help("add `id` to the account in the accounts file"))]
    UserUnknown(#[from] UnknownUser),
    /// An account cannot read what its presumed user can.
    #[error(
        "`{login}` is not the user {presumed}: it cannot read a room of which that user is a member"
    )]
    #[diagnostic(help("correct `id` of the account in the accounts file"))]
    NotTheUser {
        /// Name with which the account logs in.
        login: String,
        /// The id in its file or its token.
        presumed: UserId,
    },
    /// Two accounts are one user.
    #[error("`{first}` and `{second}` are the same user at the target, with the id {id}")]
    #[diagnostic(help("remove one of the accounts; each must be a user of its own"))]
    SameUser {
        /// The account that is first in the file.
        first: String,
        /// The other account.
        second: String,
        /// Their user id.
        id: UserId,
    },
    /// An account of the embedded server has another id than expected.
    #[error("`{}` has the id {} in its account, and {stated} at the target", .account.username, .account.id.map_or(0, UserId::get))]
    UserIdDiffers {
        /// The account.
        account: Box<Account>,
        /// The id that the target stated.
        stated: UserId,
    },
    /// A token cannot be signed.
    #[error("cannot sign a token for `{actor}`: {reason}")]
    #[diagnostic(help("without --jwt-secret-env every account logs in"))]
    Signing {
        /// The account.
        actor: ActorName,
        /// The reason.
        reason: String,
    },
    /// The embedded server cannot be started.
    #[error("cannot start the embedded server")]
    Embedded(#[from] StartError),
    /// The embedded server cannot be started in a process of its own.
    #[error("cannot start the embedded server")]
    ServerProcess(#[source] std::io::Error),
    /// Metrics cannot be served at an address.
    #[error("cannot serve metrics at {address}")]
    Metrics {
        /// The address.
        address: SocketAddr,
        /// The reason.
        source: std::io::Error,
    },
    /// Live metrics cannot be exported.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Otlp(#[from] OtlpError),
    /// The dashboard cannot be served at an address.
    #[error("cannot serve the dashboard at {address}")]
    Dashboard {
        /// The address.
        address: SocketAddr,
        /// The reason.
        source: std::io::Error,
    },
    /// The client cannot be built.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The target cannot be tested.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Preflight(#[from] PreflightError),
    /// An account cannot log in.
    #[error(transparent)]
    #[diagnostic(transparent)]
    LogIn(#[from] LoginError),
    /// A room of a load run cannot be created.
    #[error("cannot create room {number} of {all}, with {members} members: {response}")]
    #[diagnostic(help("the rooms created before it are archived"))]
    RoomNotCreated {
        /// Number of the room, from 1.
        number: usize,
        /// Number of rooms of the run.
        all: usize,
        /// Number of its members.
        members: usize,
        /// Status and beginning of the response.
        response: String,
    },
    /// A room that another worker created cannot be used.
    #[error("cannot use room {number}, which another worker created: {reason}")]
    #[diagnostic(help("every member of a room must be able to read it"))]
    SharedRoom {
        /// Number of the room, from 1.
        number: usize,
        /// The reason.
        reason: String,
    },
    /// Another worker did not report what rooms that it shares with this one need.
    #[error("cannot share rooms with another worker: {0}")]
    OtherWorker(String),
    /// The run was stopped while it was being prepared.
    #[error("stopped before anything was tested")]
    Interrupted,
    /// Ctrl-C cannot be handled.
    #[error("cannot handle Ctrl-C")]
    Interrupt(#[source] ctrlc::Error),
    /// Signals cannot be handled.
    #[error("cannot handle signals")]
    Signal(#[source] std::io::Error),
    /// A load record cannot be serialized.
    #[error("cannot write the record as JSON")]
    Json(#[source] serde_json::Error),
}

impl RunError {
    /// Returns whether the target could not be reached or used with the accounts.
    pub fn concerns_access(&self) -> bool {
        matches!(
            self,
            Self::Preflight(_) | Self::LogIn(_) | Self::UserUnknown(_) | Self::NotTheUser { .. }
        )
    }

    /// Returns whether the command line or a file that it names is wrong, as opposed to the target or the run.
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Target(_)
            | Self::Connection(_)
            | Self::Client(ClientError::Proxy(_))
            | Self::Accounts(_)
            | Self::Environment(_)
            | Self::TokenCache(_)
            | Self::Id(_)
            | Self::Readings(_)
            | Self::Weather(_)
            | Self::Case { .. }
            | Self::JournalUnwritable(_)
            | Self::JournalUnreadable(_)
            | Self::Finding { .. }
            | Self::TargetNotNamed { .. }
            | Self::TargetUnknown
            | Self::Scenario(_)
            | Self::Unreadable { .. }
            | Self::NotEditable(_)
            | Self::NoShards
            | Self::InvalidScenario(_)
            | Self::InvalidRecord { .. }
            | Self::RecordUnwritable { .. }
            | Self::Plan(_)
            | Self::PasswordMissing { .. }
            | Self::HostsNotAllowed(_)
            | Self::Metrics { .. }
            | Self::Otlp(_)
            | Self::Dashboard { .. }
            | Self::UserUnknown(_)
            | Self::NotTheUser { .. }
            | Self::SameUser { .. }
            | Self::Load(LoadError::Descriptors { .. }) => true,
            Self::JournalIncomplete(_)
            | Self::Load(LoadError::Timer(_))
            | Self::NoCreator
            | Self::UserIdDiffers { .. }
            | Self::Signing { .. }
            | Self::Embedded(_)
            | Self::ServerProcess(_)
            | Self::Client(_)
            | Self::Preflight(_)
            | Self::LogIn(_)
            | Self::RoomNotCreated { .. }
            | Self::SharedRoom { .. }
            | Self::OtherWorker(_)
            | Self::Interrupted
            | Self::Interrupt(_)
            | Self::Signal(_)
            | Self::Json(_) => false,
        }
    }
}

fn of(requirements: &[String]) -> String {
    match requirements {
        [] => String::new(),
        requirements => format!(", of {}", requirements.join(", ")),
    }
}

/// The options that allow a load run to reach hosts.
fn allow_load(hosts: &[String]) -> String {
    let options: Vec<_> = hosts.iter().map(|host| format!("--allow-load {host}")).collect();
    options.join(" ")
}
