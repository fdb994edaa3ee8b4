//! `hearback compare` on records that are made up.

use std::path::Path;

use hearback_history::Nanoseconds;
use hearback_stats::{Distribution, LoadRecord};
use hearback_testkit::load::example_record;

use crate::support::{run, stderr, stdout};

/// Five records whose latencies are about `milliseconds`, a little apart; gives their paths.
fn records(folder: &Path, side: &str, milliseconds: f64) -> Vec<String> {
    let record = |number: u32| {
        let mut latencies = Distribution::default();
        let factor = 1.0 + f64::from(number) / 200.0;
        (1..=1_000).for_each(|value| {
            let nanoseconds = f64::from(value) / 500.0 * milliseconds * factor * 1e6;
            latencies.record(Nanoseconds::new(nanoseconds as u64));
        });
        let mut record = example_record();
        record.run = format!("{side}{number}");
        record.series.clear();
        record.deliveries.lost = 0;
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
        stderr(&output).contains("each group needs 5 to 10 runs, but one has 4"),
        "{}",
        stderr(&output)
    );
    // People know their files, not the names of the runs.
    let mut invalid: LoadRecord =
        serde_json::from_str(&std::fs::read_to_string(&slower[3]).unwrap()).unwrap();
    invalid.invalid_reasons.push("late".to_owned());
    std::fs::write(&slower[3], serde_json::to_string(&invalid).unwrap()).unwrap();
    let output = compare(&slower);
    let text = stderr(&output);
    let said = format!("{}: run c3 is not valid: late", slower[3]);
    assert!(output.status.code() == Some(2) && text.contains(&said), "{text}");
}

#[test]
fn calibration_finds_the_smallest_detectable_change() {
    let folder = tempfile::tempdir().unwrap();
    let [mut ten, other] = [("a", 20.0), ("b", 20.1)]
        .map(|(side, milliseconds)| records(folder.path(), side, milliseconds));
    ten.extend(other);
    let calibrate = |records: &[String], more: &[&'static str]| {
        let records = records.iter().map(String::as_str);
        let arguments: Vec<_> =
            ["calibrate"].into_iter().chain(records).chain(more.iter().copied()).collect();
        run(folder.path(), &arguments)
    };
    let output = calibrate(&ten, &["--report", "json=out.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("SENSITIVE: a change"), "{}", stdout(&output));
    let json = std::fs::read_to_string(folder.path().join("out.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    let from = report["metrics"][0]["detectable"].as_f64().unwrap();
    // The runs lie within 2.5 % of each other.
    assert!((0.5..3.5).contains(&from), "{from}");
    let output = calibrate(&ten, &["--minimum", "0.5"]);
    assert_eq!(output.status.code(), Some(4), "{}", stdout(&output));
    assert!(
        stdout(&output).contains("cannot detect changes of delivery.p50 below"),
        "{}",
        stdout(&output)
    );
    let output = calibrate(&ten[..4], &[]);
    assert_eq!(output.status.code(), Some(4));
    assert!(stdout(&output).contains("TOO FEW: 4 runs of at least 10"), "{}", stdout(&output));
}

#[test]
fn records_are_rendered_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let record = LoadRecord { run: "kept".to_owned(), ..example_record() };
    let write = |record: &LoadRecord| {
        let json = serde_json::to_string(record).unwrap();
        std::fs::write(folder.path().join("kept.json"), json).unwrap();
    };
    write(&record);
    let asked = ["--report", "html=out.html", "--report", "json=out.json", "--plots", "png=plots"];
    let output = run(folder.path(), &[&["report", "kept.json"], &asked[..]].concat());
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stdout(&output).contains("NOT MET: 2 of 4"), "{}", stdout(&output));
    let read = |file| std::fs::read_to_string(folder.path().join(file)).unwrap();
    assert!(read("out.html").contains("Run kept"));
    assert_eq!(serde_json::from_str::<LoadRecord>(&read("out.json")).unwrap(), record);
    assert_eq!(std::fs::read_dir(folder.path().join("plots")).unwrap().count(), 6);
    write(&LoadRecord { format: 99, ..record });
    let output = run(folder.path(), &["report", "kept.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("kept.json has format 99"), "{}", stderr(&output));
}

#[test]
fn files_that_are_not_records_are_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.json"), "{}").unwrap();
    let output = run(folder.path(), &["compare", "x.json", "--", "x.json", "--report", "html=y"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("put options before it"), "{}", stderr(&output));
    let output = run(folder.path(), &["compare", "x.json", "--", "x.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("x.json is not a record of a load run"),
        "{}",
        stderr(&output)
    );
}
