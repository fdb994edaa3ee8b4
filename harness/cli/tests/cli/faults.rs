//! The faults of the embedded server are caught by the requirements that they break.

use std::collections::HashSet;
use std::path::Path;

use hearback_contract::RequirementId;
use hearback_mutants::FAULTS;
use serde_json::Value;

use crate::support::{run, stderr, stdout};

/// What `prove` finds out, with these arguments.
fn prove(folder: &Path, arguments: &[&str]) -> Value {
    let mut all = vec!["prove", "--quiet", "--format", "json"];
    all.extend(arguments);
    let output = run(folder, &all);
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {} {}", stdout(&output), stderr(&output)))
}

fn missed(matrix: &Value) -> Vec<&str> {
    let rows = matrix["faults"].as_array().into_iter().flatten();
    rows.filter(|row| row["fate"] != "caught").filter_map(|row| row["fault"].as_str()).collect()
}

/// Faults that only sequences reach have reproductions, which are tests of their own: whether a seed comes
/// upon one of them in time is no matter for a test.
fn is_found_by_luck(fault: &str) -> bool {
    FAULTS.iter().any(|row| row.id.as_str() == fault && row.in_sequences)
}

/// `hearback prove` does the same with all of them.
#[test]
fn a_sample_of_the_faults_is_caught_and_the_clean_server_is_not_blamed() {
    let folder = tempfile::tempdir().unwrap();
    let matrix = prove(folder.path(), &["--sample", "64"]);
    let rows = matrix["faults"].as_array().map(Vec::len);
    assert!(rows.is_some_and(|rows| rows > 40 && rows <= 64), "{rows:?}");
    assert_eq!(matrix["clean"], serde_json::json!([]));
    // Some faults hold events back for a moment, and show only if the next one comes meanwhile. On a
    // machine that is busy with other tests it may not; these get a second try of their own.
    let alive: Vec<_> = missed(&matrix)
        .into_iter()
        .filter(|fault| !is_found_by_luck(fault))
        .filter(|fault| {
            let again = prove(folder.path(), &["--fault", fault, "--jobs", "1"]);
            missed(&again).contains(fault)
        })
        .collect();
    assert!(alive.is_empty(), "{alive:?}: {matrix:#}");
}

#[test]
fn every_requirement_has_a_fault_that_proves_it() {
    let proven: HashSet<_> = FAULTS.iter().map(|fault| fault.breaks).collect();
    let unproven: Vec<_> = RequirementId::all().filter(|id| !proven.contains(id)).collect();
    assert!(unproven.is_empty(), "no fault breaks {unproven:?}");
}
