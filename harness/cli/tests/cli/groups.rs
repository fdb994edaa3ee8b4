//! Findings of a run are grouped by their probable cause.

use serde_json::Value;

use crate::support::{Server, check, run, stdout, write_accounts};

/// Faults of different families that do not depend on each other.
const FAULTS: [&str; 7] = [
    "auth/tells-unknown-users",
    "schema/rooms-stats-quotes-numbers",
    "room/counts-one-more",
    "message/size-of-nothing",
    "page/no-way-back",
    "receipts/counts-one-more",
    "deletion/without-time",
];

/// The groups of a check of the embedded server with some faults.
fn groups(faults: &[&str]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = vec!["--seed", "7", "--cases", "0"];
    arguments.extend(faults.iter().flat_map(|fault| ["--fault", fault]));
    let (report, _) = check(folder.path(), &arguments);
    report["groups"].as_array().cloned().unwrap_or_default()
}

fn titles(groups: &[Value]) -> Vec<&str> {
    groups.iter().filter_map(|group| group["title"].as_str()).collect()
}

#[test]
fn independent_defects_are_not_merged_and_each_is_one_group() {
    let groups = groups(&FAULTS);
    assert_eq!(groups.len(), FAULTS.len(), "{:#?}", titles(&groups));
}

#[test]
fn errors_of_another_shape_are_one_group() {
    let groups = groups(&["status/refusals-without-detail"]);
    assert_eq!(groups.len(), 1, "{:#?}", titles(&groups));
    let variants = groups[0]["members"][0]["variants"].as_array().unwrap();
    assert!(variants.len() > 20, "{}", groups[0]);
}

#[test]
fn messages_with_a_repeated_id_are_one_group() {
    let groups = groups(&["message/answers-with-previous-id"]);
    assert_eq!(groups.len(), 1, "{:#?}", titles(&groups));
    assert!(groups[0]["members"].as_array().unwrap().len() > 10, "{}", groups[0]);
}

#[test]
fn the_summary_begins_with_the_ranked_causes() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&["--fault", "page/counts-one-more"]);
    write_accounts(&folder.path().join("accounts.toml"));
    let arguments = ["check", "-q", "--target", &server.base, "--accounts", "accounts.toml"];
    let only = ["--only", "page", "--seed", "7", "--cases", "0"];
    let text = stdout(&run(folder.path(), &[&arguments[..], &only[..]].concat()));
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[3].starts_with("FINDINGS "), "{text}");
    assert_eq!(lines[4], "  1. `count` is not the number of items on all pages. (must)", "{text}");
    assert!(text.contains("reproduce hearback replay "), "{text}");
    assert!(lines.len() < 40, "{text}");
}
