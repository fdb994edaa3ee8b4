//! Shards of a run, and what they are together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hearback_checker::State;
use hearback_contract::{Level, RequirementId, requirement};
use hearback_generate::Depth;
use hearback_history::Shard;
use hearback_results::{Gate, Outcome, Results};
use hearback_runner::{Context, Run, check, merge};

use crate::support::{embedded, run};

/// Some generated input beside the scenarios.
const DEPTH: Depth = Depth { cases: 1, ..Depth::NONE };

/// Families whose requirements depend on each other across scenarios.
const FAMILIES: [&str; 3] = ["room", "receipts", "participant"];

fn selected() -> Vec<RequirementId> {
    FAMILIES.iter().flat_map(|family| requirement::with_prefix(family).unwrap()).collect()
}

/// Runs all scenarios, or a shard of them; the journal has the name of the run.
async fn journal(faults: &[&str], shard: Option<Shard>, folder: &Path) -> PathBuf {
    journal_of_depth(DEPTH, faults, shard, folder).await
}

async fn journal_of_depth(
    depth: Depth,
    faults: &[&str],
    shard: Option<Shard>,
    folder: &Path,
) -> PathBuf {
    let name = shard.map_or_else(|| "whole".to_owned(), |shard| format!("shard{}", shard.index));
    let path = folder.join(format!("{name}.jsonl"));
    let mut run = Run { shard, journal: Some(path.clone()), depth: Some(depth), ..run("room") };
    run.selected = selected();
    run.identity.name = name;
    let scenarios = run.scenarios();
    let target = embedded(faults).open().await.unwrap();
    check::check(&run, target, scenarios, &Context::default(), Vec::new()).await.unwrap();
    path
}

/// The state of each requirement, and the variants in which it is broken.
fn decided(results: &Results) -> BTreeMap<&str, (State, Vec<&str>)> {
    let requirements = results.requirements().map(|requirement| {
        let mut variants: Vec<_> =
            requirement.findings.iter().map(|finding| finding.variant.as_str()).collect();
        variants.sort_unstable();
        (requirement.id.as_str(), (requirement.state, variants))
    });
    requirements.collect()
}

async fn shards_equal_a_single_run(faults: &[&str]) -> Results {
    let folder = tempfile::tempdir().unwrap();
    let all = selected();
    let gate: Gate = Level::Should.into();
    let whole = journal(faults, None, folder.path()).await;
    let (history, verdicts) = hearback_runner::recheck::recheck(&whole, &all).unwrap();
    let whole = Results::new(&history, &verdicts, gate.clone());
    let mut journals = Vec::new();
    for index in [3, 1, 2] {
        let shard = Shard { index, count: 3 };
        let path = journal(faults, Some(shard), folder.path()).await;
        let (history, verdicts) = hearback_runner::recheck::recheck(&path, &all).unwrap();
        let part = Results::new(&history, &verdicts, gate.clone());
        assert_ne!(part.outcome, Outcome::Incomplete, "{shard}: {:?}", part.coverage.untested);
        assert_eq!(part.shards.as_ref().map(|shards| shards.included[0].index), Some(index));
        journals.push(path);
    }
    let merged = merge::merge(&journals, &all, &gate).unwrap();
    assert_eq!(decided(&merged), decided(&whole));
    assert_eq!(merged.outcome, whole.outcome);
    assert_eq!(merged.coverage.tested, whole.coverage.tested);

    let partial = merge::merge(&journals[..2], &all, &gate).unwrap();
    assert!(!partial.is_complete(), "shard 2 is missing");
    let twice = [journals[0].clone(), journals[0].clone()];
    let error = merge::merge(&twice, &all, &gate).unwrap_err().to_string();
    assert!(error.contains("is shard 3 of 3 once more"), "{error}");
    let error = merge::merge(&[folder.path().join("whole.jsonl")], &all, &gate).unwrap_err();
    assert!(error.to_string().contains("is not the journal of a shard"), "{error}");
    merged
}

#[tokio::test(flavor = "multi_thread")]
async fn shards_of_a_correct_server_equal_a_single_run() {
    let merged = shards_equal_a_single_run(&[]).await;
    assert_eq!(merged.outcome, Outcome::Holds);
}

#[tokio::test(flavor = "multi_thread")]
async fn shards_of_a_faulty_server_equal_a_single_run() {
    let faults = ["room/archive-says-active", "socket/loses-receipts", "status/mute-fails"];
    let merged = shards_equal_a_single_run(&faults).await;
    assert_eq!(merged.outcome, Outcome::Broken);
}

#[tokio::test(flavor = "multi_thread")]
async fn shards_of_different_depths_are_not_merged() {
    let folder = tempfile::tempdir().unwrap();
    let mut journals = Vec::new();
    for (index, cases) in [(1, 0), (2, 1)] {
        let depth = Depth { cases, ..Depth::NONE };
        let shard = Shard { index, count: 100 };
        journals.push(journal_of_depth(depth, &[], Some(shard), folder.path()).await);
    }
    let error = merge::merge(&journals, &selected(), &Level::Must.into()).unwrap_err().to_string();
    let expected = "is a shard of another run: its depth (--depth or --cases) differs";
    assert!(error.contains(expected), "{error}");
}
