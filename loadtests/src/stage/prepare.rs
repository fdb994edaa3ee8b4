//! What comes before a run: what is asked for, and everybody let in and every room made.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hearback_client::{Account, Client, ClientError, Limits, Target, ThrottleNotifications};
use hearback_contract::SPECIFICATION_VERSION;
use hearback_history::{EventKind, Recorder, RunStart, ScenarioName, Sink};
use secrecy::SecretString;
use tokio::sync::watch as signal;

use super::{Progress, Stage, record, stopped};
use crate::accounts::{self, AccountsUnusable};
use crate::plan::{Plan, PlanError};
use crate::profile::Profile;
use crate::rooms::{self, NotMade};

/// A run that is asked for, beside its profile.
pub struct Options {
    /// Where it is.
    pub target: Target,
    /// Who can be acted as.
    pub accounts: Vec<Account>,
    /// The ids of so many of them, from the first on, are known to be right; who may make rooms states the others'.
    pub ids_known: usize,
    /// The key that the target's tokens are signed with, to sign all but the first here.
    pub jwt_secret: Option<SecretString>,
    /// Name of the run; its rooms carry it.
    pub run: String,
    /// Seed of everything random.
    pub seed: u64,
    /// Whether the target is the embedded server.
    pub embedded: bool,
    /// The server's process, where this run started it.
    pub server: Option<u32>,
    /// How long an answer may take.
    pub timeout: Duration,
    /// Where the traffic of sampled rooms goes.
    pub sample: Option<Box<dyn Sink>>,
    /// Turns true when somebody wants to stop.
    pub interrupted: signal::Receiver<bool>,
    /// Hears how far the run is, between deliveries: it must not wait.
    pub progress: Arc<dyn Fn(&Progress) + Send + Sync>,
    /// Where goose writes its own report; the extension says which sort.
    pub goose_report: Option<PathBuf>,
}

/// Why no run came about. Nothing was sent to a room.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum LoadError {
    /// The accounts do not suffice for the profile.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Plan(#[from] PlanError),
    /// There are too few descriptors for the sockets.
    #[error("{sockets} sockets need {needed} descriptors, and this process may have {allowed}")]
    #[diagnostic(help("raise the hard limit (`ulimit -Hn`), or take a smaller profile"))]
    Descriptors {
        /// Sockets of the profile.
        sockets: u64,
        /// Descriptors needed.
        needed: u64,
        /// Descriptors allowed.
        allowed: u64,
    },
    /// The client cannot be built.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The accounts cannot be used.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Accounts(#[from] AccountsUnusable),
    /// The rooms cannot be made.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Rooms(#[from] NotMade),
    /// Somebody stopped the run before it began.
    #[error("stopped before anything was sent")]
    Interrupted,
    /// The system gives no timer.
    #[error("no timer for the pacer")]
    Timer(#[from] std::io::Error),
}

/// Checks what can be checked without the target, lets everybody in, finds out who they are, and makes the rooms.
///
/// # Errors
/// [`LoadError`]; rooms made by then are archived again.
pub async fn prepare(profile: Profile, mut options: Options) -> Result<Stage, LoadError> {
    let plan = Plan::new(&profile, options.accounts.len(), options.seed)?;
    let descriptors = enough_descriptors(&plan)?;
    let sampled = |number| ScenarioName::from(format!("load-{number}"));
    let sink = options.sample.take().map(|sink| {
        let scenarios = (0..plan.rooms.len()).filter(|number| plan.rooms[*number].sampled);
        Box::new(record::Sampled::new(scenarios.map(sampled).collect(), sink)) as Box<dyn Sink>
    });
    let is_sampled = sink.is_some();
    // Who hears it is kept by the run alone, and not by what may outlive it.
    let progress = Arc::downgrade(&options.progress);
    let waits = ThrottleNotifications::new(move |wait_s| {
        if let Some(progress) = progress.upgrade() {
            progress(&Progress::Throttled { wait_s });
        }
    });
    let sinks = sink.into_iter().chain([Box::new(waits) as Box<dyn Sink>]);
    let recorder = Arc::new(Recorder::new(sinks.collect()));
    recorder.record(EventKind::RunStarted(start(&options)));
    let limits = Limits { in_flight: 512, ..Limits::with_timeout(options.timeout) };
    let client =
        Client::new(options.target.clone(), recorder.clone(), limits, options.jwt_secret.clone())?;
    let used = &options.accounts[..plan.accounts];
    let progress = Arc::clone(&options.progress);
    let told = |done| progress(&Progress::LoggingIn { done, all: used.len() });
    let secret = options.jwt_secret.as_ref();
    let actors = tokio::select! {
        actors = accounts::let_in(&client, used, secret, &told) => actors?,
        () = stopped(options.interrupted.clone()) => return Err(LoadError::Interrupted),
    };
    // Not dropped half way: a room that was asked for may have been made.
    accounts::identify(
        &actors,
        options.ids_known,
        secret.is_some(),
        &options.run,
        &options.interrupted,
    )
    .await?;
    if *options.interrupted.borrow() {
        return Err(LoadError::Interrupted);
    }
    let told = |done| progress(&Progress::MakingRooms { done, all: plan.rooms.len() });
    let made = match rooms::make(&plan, &actors, &options.run, &told).await {
        Ok(made) => made,
        Err((made, error)) => {
            rooms::archive(&made).await;
            return Err(error.into());
        }
    };
    if *options.interrupted.borrow() {
        rooms::archive(&made).await;
        return Err(LoadError::Interrupted);
    }
    // Without a sink nothing is tapped.
    let mut plan = plan;
    plan.rooms.iter_mut().for_each(|room| room.sampled &= is_sampled);
    Ok(Stage { profile, options, plan, actors, made, recorder, descriptors })
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

fn start(options: &Options) -> RunStart {
    RunStart {
        run: options.run.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        specification: SPECIFICATION_VERSION.to_owned(),
        target: options.target.rest().to_string(),
        socket: options.target.socket().to_string(),
        target_options: None,
        seed: options.seed,
        started_at: format!("{:.3}", jiff::Timestamp::now()),
        timeout_ms: u64::try_from(options.timeout.as_millis()).unwrap_or(u64::MAX),
        selection: Vec::new(),
    }
}
