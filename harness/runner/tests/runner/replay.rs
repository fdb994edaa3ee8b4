//! Replays of findings.

use hearback_runner::replay::{Replay, ReplayOutcome};
use hearback_runner::{Context, RunError, TargetSpec, check};

use crate::support::{embedded, id, remote, run, scenarios};

const FAULT: &str = "room/stats-count-one-more-message";

#[tokio::test(flavor = "multi_thread")]
async fn a_finding_is_reproduced_with_the_fault_and_not_without() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("run.jsonl");
    let mut run = run("room/stats");
    run.journal = Some(journal.clone());
    let context = Context::default();
    let target = embedded(&[FAULT]).open().await.unwrap();
    check::check(&run, target, scenarios(&run), &context, Vec::new()).await.unwrap();
    run.journal = None;

    let journal = journal.to_str().unwrap();
    for finding in ["1", "room/stats-message-count"] {
        let replay = Replay::find(journal, finding).unwrap();
        assert_eq!(replay.requirement, id("room/stats-message-count"));
        // The faults of the run are those of the replay.
        let target = replay.target(embedded(&[]), false).unwrap();
        assert!(matches!(&target, TargetSpec::Embedded { faults, .. } if faults == &[FAULT]));
        // A target that is only configured is not where the finding comes from.
        let remote =
            || TargetSpec::Remote(remote("http://127.0.0.1:9/api".to_owned(), folder.path()));
        let configured = replay.target(remote(), true).unwrap();
        assert!(matches!(&configured, TargetSpec::Embedded { faults, .. } if faults == &[FAULT]));
        assert!(matches!(replay.target(remote(), false).unwrap(), TargetSpec::Remote(_)));
        let target = target.open().await.unwrap();
        let replayed = replay.run(&run, target, 2, &context).await.unwrap();
        assert_eq!(replayed.attempts.len(), 2);
        assert_eq!(replayed.outcome(), ReplayOutcome::Reproduced);
    }

    let replay = Replay::find(journal, "1").unwrap();
    let target = embedded(&[]).open().await.unwrap();
    let replayed = replay.run(&run, target, 2, &context).await.unwrap();
    assert_eq!(replayed.outcome(), ReplayOutcome::Held);

    let missing = Replay::find(journal, "2").expect_err("an error");
    assert!(matches!(missing, RunError::Finding { count: 1, .. }), "{missing}");
    assert!(missing.is_usage());
}
