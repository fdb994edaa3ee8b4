//! The journals that proofs keep.

use std::time::Duration;

use hearback_runner::Context;
use hearback_runner::prove::{Combination, Journals, Options, Switch, prove_tolerance};
use hearback_scenarios::embedded;

use crate::support::proof_options;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_journals_of_runs_that_did_not_go_as_they_should_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        timeout: Duration::from_secs(1),
        journals: Journals::new(Some(folder.path().to_owned())),
        ..proof_options()
    };
    let mut scenarios = embedded();
    scenarios.retain(|scenario| scenario.name.as_str() == "room/create-group");
    // No login is answered in an hour.
    let sets = ["latency=1ms", "latency=3600s"]
        .map(|set| Combination::from(Switch::Weather(set.parse().unwrap())));
    let rows = prove_tolerance(&options, sets.into(), &scenarios, &Context::default()).await;
    let holds: Vec<_> = rows.unwrap().finished.iter().map(|row| row.holds()).collect();
    assert_eq!(holds, [true, false]);
    let files = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let journals: Vec<_> =
        files.filter(|it| it.extension().is_some_and(|it| it == "jsonl")).collect();
    assert_eq!(journals.len(), 1, "{journals:?}");
    assert!(journals[0].to_str().unwrap().contains("latency=3600"), "{journals:?}");
}
