//! Every fault of the embedded server is caught by the requirement that it breaks.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use hearback_contract::RequirementId;
use hearback_reference::FAULTS;

use crate::support::{check, in_state};

/// What is wrong with how one fault was caught, if anything is.
fn complaint(fault: &str, breaks: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    // What a requirement waits on must be looked at, too.
    let requirement = breaks.parse::<RequirementId>().unwrap().requirement();
    let mut only = vec![breaks];
    only.extend(requirement.needs.iter().map(String::as_str));
    let only = only.join(",");
    let arguments = ["--fault", fault, "--only", &only, "--patience", "1"];
    let (report, _) = check(folder.path(), &arguments);
    let broken = in_state(&report, "broken");
    if broken.contains(&breaks) {
        return None;
    }
    Some(format!("{fault} does not break {breaks}; broken: {broken:?}, report: {report:#}"))
}

#[test]
fn every_fault_is_caught_by_the_requirement_that_it_breaks() {
    let next = AtomicUsize::new(0);
    let complaints = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(fault) = FAULTS.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = complaint(fault.id, fault.breaks);
                    complaints.lock().unwrap().extend(found);
                }
            });
        }
    });
    let complaints = complaints.into_inner().unwrap();
    assert!(complaints.is_empty(), "{} alive:\n{}", complaints.len(), complaints.join("\n\n"));
}

#[test]
fn every_requirement_has_a_fault_that_proves_it() {
    let proven: HashSet<_> = FAULTS.iter().map(|fault| fault.breaks).collect();
    let unproven: Vec<_> =
        RequirementId::all().filter(|id| !proven.contains(id.as_str())).collect();
    assert!(unproven.is_empty(), "no fault breaks {unproven:?}");
}
