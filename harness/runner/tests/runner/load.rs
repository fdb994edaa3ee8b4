//! Load runs against the embedded server in this process.

use std::time::Duration;

use hearback_history::RunEnd;
use hearback_loadtests::Profile;
use hearback_runner::load::{LoadRun, MetricsOptions, Options, Specification, read};
use hearback_runner::run::Identity;
use hearback_runner::{Event, RunError, TargetSpec};

use crate::support::{embedded, observed, remote};

const PROFILE: &str = r#"
description = "Two rooms."
warm_up = "0s"
drain = "1s"
sample_rooms = 1
slos = ["lost = 0"]
[[rooms]]
count = 2
members = 3
[personas]
talker = { weight = 1 }
reader = { weight = 2, interval = "1h" }
[[phase]]
kind = "constant"
rate = 10
duration = "1s"
"#;

fn profile() -> Profile {
    Profile::parse("two", "two.toml", PROFILE).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_run_measures_and_saves_its_record() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("records/out.json");
    let options = Options {
        identity: Identity { name: "a1b2c3".to_owned(), seed: 1 },
        interim: false,
        part: None,
        timeout: Duration::from_secs(5),
        goose_report: None,
        record: Some(path.clone()),
        journal: None,
    };
    let (context, events) = observed();
    let target = embedded(&[]).open().await.unwrap();
    let run = LoadRun::new(options, target, context).unwrap();
    let record = run.once(profile()).await.unwrap();
    assert_eq!(record.end, RunEnd::Completed);
    assert_eq!((record.sends.sent, record.deliveries.lost), (10, 0));
    let sample = record.sample.as_ref().unwrap();
    assert!(sample.rooms == 1 && sample.held > 0 && sample.broken.is_empty(), "{sample:?}");
    assert_eq!(read(&path).unwrap(), record);
    let events = events.lock();
    let has = |is: fn(&Event) -> bool| events.iter().any(is);
    assert!(has(|event| matches!(event, Event::CreatingRooms { done: 2, all: 2 })));
    assert!(has(|event| matches!(event, Event::Load(_))));
    assert!(has(|event| matches!(event, Event::RecordSaved { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_run_that_is_cancelled_before_it_starts_sends_nothing() {
    let options = Options {
        identity: Identity { name: "a1b2c3".to_owned(), seed: 1 },
        interim: false,
        part: None,
        timeout: Duration::from_secs(5),
        goose_report: None,
        record: None,
        journal: None,
    };
    let (context, events) = observed();
    context.cancellation.cancel();
    let target = embedded(&[]).open().await.unwrap();
    let run = LoadRun::new(options, target, context).unwrap();
    let result = run.once(profile()).await;
    assert!(matches!(result, Err(RunError::Interrupted)), "{:?}", result.err());
    assert!(!events.lock().iter().any(|event| matches!(event, Event::CreatingRooms { .. })));
}

#[tokio::test]
async fn hosts_that_are_not_allowed_are_not_contacted() {
    let folder = tempfile::tempdir().unwrap();
    let accounts = folder.path().join("accounts.toml");
    let account = |name| format!("[[account]]\nusername = \"{name}\"\npassword = \"secret\"\n");
    std::fs::write(&accounts, ["alice", "bob", "carol"].map(account).concat()).unwrap();
    let load = Specification {
        target: TargetSpec::Remote(remote("http://chat.test:9/api".to_owned(), folder.path())),
        allowed_hosts: vec!["other.test".to_owned()],
        profile: profile(),
        search: None,
        metrics: MetricsOptions::default(),
        dashboard: None,
        options: Options {
            identity: Identity { name: "a1b2c3".to_owned(), seed: 7 },
            interim: false,
            part: None,
            timeout: Duration::from_secs(5),
            goose_report: None,
            record: None,
            journal: None,
        },
    };
    let (context, events) = observed();
    let error = load.perform(&context).await.unwrap_err();
    assert!(error.is_usage());
    assert!(error.to_string().ends_with("add --allow-load chat.test"), "{error}");
    assert!(events.lock().is_empty());
    assert_eq!(load.plan(1_000, None).unwrap().forbidden_hosts, ["chat.test"]);
    let record = load.aborted("no permission".to_owned());
    assert_eq!((record.run.as_str(), record.seed), ("a1b2c3", 7));
    assert_eq!(record.target, "http://chat.test:9/api");
    assert_eq!(record.end, RunEnd::Aborted { reason: "no permission".to_owned() });
}
