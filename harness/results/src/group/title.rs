//! Titles of groups.

use hearback_contract::RequirementId;

use super::cluster::{Cluster, Key};

/// Maximum number of operations and events in a title.
const MOST_NAMED: usize = 2;

/// The title: the defect in one sentence, without text of the target.
pub(super) fn of(root: &Cluster<'_>) -> String {
    let places = places(root);
    let is_error = root.found.iter().all(|found| found.requirement.id == "status/error-body");
    match root.key {
        Key::Schema { member: "", keyword: _ } if is_error => {
            "Error responses are not the documented object.".to_owned()
        }
        Key::Schema { member, keyword } if is_error => {
            let verb = defect(keyword);
            format!("`{member}` {verb} in error responses of {places}.")
        }
        Key::Schema { member: "", keyword } => {
            format!("The body {} in {places}.", defect(keyword))
        }
        Key::Schema { member, keyword } => format!("`{member}` {} in {places}.", defect(keyword)),
        Key::Response { status, shape: _ } if status >= 500 => {
            format!("The server fails with {status} in {places}.")
        }
        Key::Response { status, shape: _ } => {
            format!("{places} responds with the undocumented status {status}.")
        }
        Key::Requirement(id) => violation(id),
    }
}

/// The title of a requirement that is broken.
fn violation(id: &str) -> String {
    let known: Result<RequirementId, _> = id.parse();
    known.map_or_else(|_| format!("`{id}` is broken."), |id| id.requirement().violation.to_owned())
}

/// The defect of a member that violates a keyword.
fn defect(keyword: &str) -> &'static str {
    match keyword {
        "required" => "is missing",
        "type" => "has an undocumented type",
        "enum" | "const" => "has an undocumented value",
        "format" | "pattern" => "has an undocumented format",
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => "is out of range",
        "minLength" | "maxLength" | "minItems" | "maxItems" => "has an undocumented length",
        _ => "does not match its schema",
    }
}

/// The operations and events of a cluster, or their number.
fn places(cluster: &Cluster<'_>) -> String {
    let mut names: Vec<_> =
        cluster.found.iter().filter_map(|found| found.finding.subject.interface()).collect();
    names.sort();
    names.dedup();
    match names.len() {
        0 => "an unknown operation".to_owned(),
        1..=MOST_NAMED => {
            names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ")
        }
        count => {
            let events = names.iter().filter(|name| !name.contains('.')).count();
            match (count - events, events) {
                (operations, 0) => format!("{operations} operations"),
                (0, events) => format!("{events} events"),
                (1, 1) => "1 operation and 1 event".to_owned(),
                (operations, 1) => format!("{operations} operations and 1 event"),
                (1, events) => format!("1 operation and {events} events"),
                (operations, events) => format!("{operations} operations and {events} events"),
            }
        }
    }
}
