//! The faults of the embedded server are killed by the requirements that they break.

use std::collections::HashSet;

use hearback_contract::RequirementId;
use hearback_mutants::FAULTS;
use serde_json::Value;

use crate::support::{run, stderr, stdout};

/// Faults that only sequences reach have reproductions with tests of their own, since a short proof may not
/// generate the sequence that reaches them.
fn is_in_sequences(fault: &str) -> bool {
    FAULTS.iter().any(|row| row.id.as_str() == fault && row.in_sequences)
}

/// `hearback prove` does the same with all faults.
#[test]
fn a_sample_of_the_faults_is_killed_and_the_clean_server_breaks_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let prove = ["prove", "--quiet", "--format", "json", "--sample", "64", "--jobs", "2"];
    let prove = [&prove[..], &["--record", "proofs.json"]].concat();
    let output = run(folder.path(), &prove);
    let matrix: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {} {}", stdout(&output), stderr(&output)));
    let rows = matrix["faults"].as_array().unwrap();
    assert!(rows.len() > 40 && rows.len() <= 64, "{}", rows.len());
    assert_eq!(matrix["clean"], serde_json::json!([]));
    let survivors: Vec<_> = rows
        .iter()
        .filter(|row| row["fate"] != "killed")
        .filter(|row| !is_in_sequences(row["fault"].as_str().unwrap()))
        .collect();
    assert!(survivors.is_empty(), "{survivors:#?}");
    let proofs = std::fs::read_to_string(folder.path().join("proofs.json")).unwrap();
    let proofs: Value = serde_json::from_str(&proofs).unwrap();
    let recorded: HashSet<_> = proofs["faults"].as_object().unwrap().keys().collect();
    let killed = rows.iter().filter(|row| row["fate"] == "killed");
    let killed: HashSet<_> = killed.map(|row| row["fault"].as_str().unwrap().to_owned()).collect();
    assert_eq!(recorded, killed.iter().collect());
}

/// Two faults that once were blamed for what neither of them breaks: texts that return altered, and out of order.
#[test]
fn a_pair_of_faults_breaks_nothing_that_neither_breaks_alone() {
    let folder = tempfile::tempdir().unwrap();
    let faults = "message/escapes-markup,order/every-third-is-late";
    let prove =
        ["prove", "--quiet", "--format", "json", "--pairs", "1", "--cases", "0", "--seed", "7"];
    let output = run(folder.path(), &[&prove[..], &["--fault", faults]].concat());
    let matrix: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {} {}", stdout(&output), stderr(&output)));
    let [pair] = &matrix["pairs"].as_array().unwrap()[..] else { panic!("{matrix:#}") };
    let broken = pair["broken"].as_array().unwrap();
    assert!(broken.contains(&"order/per-sender".into()), "{pair:#}");
    assert_eq!(pair["blamed"], serde_json::json!([]));
    assert_eq!((&matrix["holds"], output.status.code()), (&true.into(), Some(0)));
}

#[test]
fn every_requirement_has_a_fault_that_proves_it() {
    let proven: HashSet<_> = FAULTS.iter().map(|fault| fault.breaks).collect();
    let unproven: Vec<_> = RequirementId::all().filter(|id| !proven.contains(id)).collect();
    assert!(unproven.is_empty(), "no fault breaks {unproven:?}");
}
