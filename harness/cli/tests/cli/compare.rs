//! `hearback compare` on records that are made up.

use std::path::Path;

use hearback_measure::{Distribution, LoadRecord, made_up};

use crate::support::{run, stderr, stdout};

/// Five records whose latencies are about `milliseconds`, a little apart; gives their paths.
fn records(folder: &Path, side: &str, milliseconds: f64) -> Vec<String> {
    let record = |number: u32| {
        let mut latencies = Distribution::default();
        let factor = 1.0 + f64::from(number) / 200.0;
        (1..=1_000).for_each(|value| {
            latencies.record((f64::from(value) / 500.0 * milliseconds * factor * 1e6) as u64);
        });
        let mut record = made_up::record();
        record.run = format!("{side}{number}");
        record.series.clear();
        record.account.lost = 0;
        record.latencies.delivery = latencies.clone();
        record.latencies.last = latencies;
        let path = folder.join(format!("{side}{number}.json"));
        std::fs::write(&path, serde_json::to_string::<LoadRecord>(&record).unwrap()).unwrap();
        path.display().to_string()
    };
    (0..5).map(record).collect()
}

#[test]
fn slower_runs_are_worse_and_the_same_runs_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let [before, same, slower] = [("a", 20.0), ("b", 20.1), ("c", 30.0)]
        .map(|(side, milliseconds)| records(folder.path(), side, milliseconds));
    let compare = |after: &[String]| {
        let mut arguments = vec!["compare"];
        arguments.extend(before.iter().map(String::as_str));
        arguments.push("--");
        arguments.extend(after.iter().map(String::as_str));
        arguments.splice(1..1, ["--plots", "png=plots"]);
        run(folder.path(), &arguments)
    };
    let output = compare(&slower);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stdout(&output).contains("WORSE: delivery.p50 +5"), "{}", stdout(&output));
    let plot = std::fs::read(folder.path().join("plots/spectrum.png")).unwrap();
    assert!(plot.starts_with(b"\x89PNG"));
    let output = compare(&same);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(stdout(&output).contains("NOT WORSE"), "{}", stdout(&output));
    let output = compare(&slower[..4]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("each side needs 5 to 10 runs; one has 4"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_file_that_is_no_record_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.json"), "{}").unwrap();
    let output = run(folder.path(), &["compare", "x.json", "--", "x.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("x.json is no record of a load run"), "{}", stderr(&output));
}
