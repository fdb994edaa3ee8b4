//! Every fault of the embedded server is caught by the requirement that it breaks.

use std::collections::HashSet;

use hearback_contract::RequirementId;
use hearback_reference::FAULTS;
use serde_json::Value;

use crate::support::{run, stderr, stdout};

#[test]
fn every_fault_is_caught_and_the_clean_server_is_not_blamed() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["prove", "--quiet", "--format", "json"]);
    let matrix: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {} {}", stdout(&output), stderr(&output)));
    let faults = matrix["faults"].as_array().unwrap();
    assert_eq!(faults.len(), FAULTS.len());
    let missed: Vec<_> = faults.iter().filter(|row| row["fate"] != "caught").collect();
    assert!(missed.is_empty(), "{missed:#?}");
    assert_eq!(matrix["clean"], serde_json::json!([]));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn every_requirement_has_a_fault_that_proves_it() {
    let proven: HashSet<_> = FAULTS.iter().map(|fault| fault.breaks).collect();
    let unproven: Vec<_> =
        RequirementId::all().filter(|id| !proven.contains(id.as_str())).collect();
    assert!(unproven.is_empty(), "no fault breaks {unproven:?}");
}
