//! Runs against the embedded server, and the events that they report.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hearback_contract::{Operation, RequirementId, requirement};
use hearback_generate::Depth;
use hearback_history::History;
use hearback_mutants::WeatherSet;
use hearback_runner::prove::{self, Journals};
use hearback_runner::run::Identity;
use hearback_runner::target::FailedLoginLimits;
use hearback_runner::{Concurrency, Context, Event, Observer, RemoteTarget, Run, TargetSpec};
use hearback_scenarios::Scenario;
use parking_lot::Mutex;

/// A run of the requirements with a prefix, without a journal.
pub(crate) fn run(prefix: &str) -> Run {
    Run {
        identity: Identity { name: "a1b2c3".to_owned(), seed: 1 },
        selected: requirement::with_prefix(prefix).expect("a known prefix"),
        timeout: Duration::from_secs(5),
        longest_lag: Duration::from_secs(3),
        response_timeout: Duration::from_secs(5),
        concurrency: Concurrency::Fixed(8),
        max_duration: None,
        logins_per_minute: None,
        depth: Some(Depth::NONE),
        journal: None,
        shard: None,
        failure_limit: None,
    }
}

/// The embedded scenarios that cover the requirements of a run.
pub(crate) fn scenarios(run: &Run) -> Vec<Scenario> {
    run.scenarios()
}

/// The embedded server with faults.
pub(crate) fn embedded(faults: &[&str]) -> TargetSpec {
    TargetSpec::Embedded {
        faults: faults.iter().map(|&fault| fault.to_owned()).collect(),
        weather: WeatherSet::default(),
        readings: Vec::new(),
    }
}

/// The embedded server in some weather.
pub(crate) fn in_weather(weather: &str) -> TargetSpec {
    TargetSpec::Embedded {
        faults: Vec::new(),
        weather: weather.parse().expect("a known kind of weather"),
        readings: Vec::new(),
    }
}

/// The default limits of failed logins, which are kept in a folder.
pub(crate) fn failed_logins(folder: &Path) -> FailedLoginLimits {
    let file = folder.join("failed-logins.json");
    FailedLoginLimits { per_hour: 2, account: None, file }
}

/// A remote target whose accounts are in `accounts.toml` of a folder, with defaults for all else.
pub(crate) fn remote(url: String, folder: &Path) -> RemoteTarget {
    RemoteTarget {
        url,
        socket_url: None,
        accounts: folder.join("accounts.toml").into(),
        jwt_secret_env: None,
        connection: Box::default(),
        failed_logins: failed_logins(folder),
        throttles: None,
        token_cache: None,
    }
}

/// Writes `accounts.toml` with seeded accounts of the reference server.
pub(crate) fn write_accounts(folder: &Path, names: &[&str]) {
    let table = |name: &&str| {
        format!("[[account]]\nusername = \"{name}\"\npassword = \"{name}-password\"\n")
    };
    let text: String = names.iter().map(table).collect();
    std::fs::write(folder.join("accounts.toml"), text).expect("the accounts file is written");
}

/// A context, and the events that it receives.
pub(crate) fn observed() -> (Context, Arc<Mutex<Vec<Event>>>) {
    let events: Arc<Mutex<Vec<Event>>> = Arc::default();
    let seen = Arc::clone(&events);
    let observer = Observer::new(move |event| seen.lock().push(event.clone()));
    (Context::with_observer(observer), events)
}

/// Ids of the rooms that a history created and did not archive. Rooms are left out if their creator left them first: the
/// embedded server answers 404 then.
pub(crate) fn unarchived(history: &History) -> Vec<String> {
    let archived: Vec<_> = history
        .calls_of(Operation::RoomsArchive)
        .filter(|call| call.succeeded() || call.status() == Some(404))
        .filter_map(|call| call.subject())
        .collect();
    history
        .calls_of(Operation::RoomsCreate)
        .filter_map(|call| call.success()?.get("id")?.as_str())
        .filter(|id| !archived.contains(id))
        .map(str::to_owned)
        .collect()
}

/// The id of a requirement.
pub(crate) fn id(id: &str) -> RequirementId {
    id.parse().expect("a known requirement")
}

/// Options of a proof without generated input.
pub(crate) fn proof_options() -> prove::Options {
    prove::Options {
        faults: Vec::new(),
        all_scenarios: false,
        sample: None,
        depth: Depth::NONE,
        jobs: 2,
        seed: 1,
        timeout: Duration::from_secs(10),
        concurrency: 8,
        journals: Journals::default(),
    }
}
