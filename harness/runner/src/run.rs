//! The parameters of a run: its name, its seed, and what it tests.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use hearback_checker::Verdicts;
use hearback_contract::{RequirementId, SPECIFICATION_VERSION};
use hearback_generate::{Depth, sequence};
use hearback_history::{History, RunDepth, RunEnd, RunStart, Shard, TargetOptions};
use hearback_results::{ContractOverlay, Gate, Results};
use hearback_scenarios::{Action, Scenario, embedded};

use crate::concurrency::Concurrency;
use crate::target::TargetSpec;

/// Folder of journals and records whose path was not given, relative to the working directory.
pub const RUNS_FOLDER: &str = "hearback-runs";

/// The name of a run and the seed of everything random in it.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Six hexadecimal digits; every room that the run creates has them in its name.
    pub name: String,
    /// The seed.
    pub seed: u64,
}

impl Identity {
    /// A new random name, and a random seed of 32 bits if none is given.
    pub fn new(seed: Option<u64>) -> Self {
        let random = uuid::Uuid::new_v4().as_u64_pair().0;
        // Seeds are typed by people: 32 bits are short enough.
        Self { name: format!("{:06x}", random >> 40), seed: seed.unwrap_or(random & 0xffff_ffff) }
    }
}

/// A run of scenarios.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its name and seed.
    pub identity: Identity,
    /// The requirements to check.
    pub selected: Vec<RequirementId>,
    /// Timeout for one event.
    pub timeout: Duration,
    /// Timeout for one response; at least `timeout`.
    pub response_timeout: Duration,
    /// Time from a write from which on reads must show it.
    pub longest_lag: Duration,
    /// Number of scenarios that run at the same time.
    pub concurrency: Concurrency,
    /// Maximum duration of all scenarios, without logging in and cleaning up; unlimited if `None`.
    pub max_duration: Option<Duration>,
    /// Maximum number of logins per minute; `None` to infer the delays from refused logins.
    pub logins_per_minute: Option<u32>,
    /// The amount of generated input, and the longest wait of a scenario; if `None`, nothing is generated, and waits are
    /// unlimited.
    pub depth: Option<Depth>,
    /// File that the journal is written to, if any.
    pub journal: Option<PathBuf>,
    /// The part of the scenarios to execute; all if `None`.
    pub shard: Option<Shard>,
    /// The failures after which no more scenarios start; all start if `None`.
    pub failure_limit: Option<FailureLimit>,
}

/// The failures after which no more scenarios start.
#[derive(Clone, Debug)]
pub struct FailureLimit {
    /// Number of broken requirements.
    pub maximum: usize,
    /// The gate that decides which ones count.
    pub gate: Gate,
}

impl Run {
    /// The folder for files of the run: the path of its journal without the extension.
    pub fn folder(&self) -> Option<PathBuf> {
        self.journal.as_ref().map(|journal| journal.with_extension(""))
    }

    /// The scenarios of the shard that cover a selected requirement: embedded and generated ones.
    pub fn scenarios(&self) -> Vec<Scenario> {
        let seed = self.identity.seed;
        let depth = self.depth.unwrap_or(Depth::NONE);
        embedded()
            .into_iter()
            .chain(hearback_generate::scenarios(seed, depth))
            .chain(sequence::scenarios(seed, depth.sequences()))
            .filter(|scenario| scenario.requirements.iter().any(|id| self.selected.contains(id)))
            .enumerate()
            .filter(|(position, _)| self.shard.is_none_or(|shard| shard.contains(*position)))
            .map(|(_, scenario)| scenario)
            .collect()
    }

    /// The results of a run that ended before it could test the target, with the reason.
    pub fn aborted(&self, target: &TargetSpec, gate: Gate, reason: String) -> Results {
        let start = RunStart {
            run: self.identity.name.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            specification: SPECIFICATION_VERSION.to_owned(),
            target: target.url(),
            socket: String::new(),
            target_options: None,
            seed: self.identity.seed,
            started_at: format!("{:.3}", jiff::Timestamp::now()),
            timeout_ms: u64::try_from(self.timeout.as_millis()).unwrap_or(u64::MAX),
            selection: self.selected.clone(),
            shard: self.shard,
            depth: self.depth.map(recorded),
            contract: contract(),
            host: host(),
        };
        let end = RunEnd::Aborted { reason };
        let history = History { start: Some(start), end: Some(end), ..History::default() };
        Results::new(&history, &Verdicts::from_iter([]), gate)
    }

    /// Returns whether a requirement is selected, as a function that can be sent to another thread.
    pub(crate) fn selection(&self) -> impl Fn(RequirementId) -> bool + Clone + Send + 'static {
        let selected: HashSet<_> = self.selected.iter().copied().collect();
        move |requirement| selected.contains(&requirement)
    }
}

/// The default path of the file with the failed logins of all runs.
pub fn failed_logins_file() -> PathBuf {
    PathBuf::from(RUNS_FOLDER).join("failed-logins.json")
}

/// The default path of the journal of a run.
pub fn default_journal(name: &str) -> PathBuf {
    PathBuf::from(RUNS_FOLDER).join(format!("{name}.jsonl"))
}

/// The default path of the record of a load run.
pub fn default_record(name: &str) -> PathBuf {
    PathBuf::from(RUNS_FOLDER).join(format!("load-{name}.json"))
}

/// The default path of the journal of a load run, which lists the rooms that it created.
pub fn default_load_journal(name: &str) -> PathBuf {
    PathBuf::from(RUNS_FOLDER).join(format!("load-{name}.jsonl"))
}

/// The first event of a run of everything, without generated input.
pub(crate) fn start(
    identity: &Identity,
    target: &hearback_client::Target,
    target_options: TargetOptions,
    timeout: Duration,
) -> RunStart {
    RunStart {
        run: identity.name.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        specification: SPECIFICATION_VERSION.to_owned(),
        target: target.rest().to_string(),
        socket: target.socket_text().to_owned(),
        target_options: Some(target_options),
        seed: identity.seed,
        started_at: format!("{:.3}", jiff::Timestamp::now()),
        timeout_ms: u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX),
        selection: Vec::new(),
        shard: None,
        depth: None,
        contract: contract(),
        host: host(),
    }
}

/// A depth as the journal states it.
pub(crate) fn recorded(depth: Depth) -> RunDepth {
    let wait_ms = u64::try_from(depth.wait.as_millis()).unwrap_or(u64::MAX);
    RunDepth { cases: depth.cases as u64, wait_ms }
}

/// The overlay of the contract with its changes, if there is one.
pub(crate) fn contract() -> Option<String> {
    let overlay = ContractOverlay::in_force()?;
    let changes: Vec<_> = overlay.changes.iter().map(ToString::to_string).collect();
    Some(format!("{}: {}", overlay.name, changes.join("; ")))
}

/// Name of this machine, if it is text.
pub fn host() -> Option<String> {
    #[cfg(unix)]
    let name = rustix::system::uname().nodename().to_str().ok().map(str::to_owned);
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME").ok();
    name.filter(|name| !name.is_empty())
}

/// Returns whether a scenario opens a socket. A target whose sockets are broken can still be checked without them.
pub(crate) fn needs_sockets(scenarios: &[Scenario]) -> bool {
    scenarios.iter().any(|scenario| {
        let mut steps = scenario.all_steps().into_iter();
        steps.any(|step| matches!(step.action, Action::Connect { .. }))
    })
}
