//! Generated scenarios: requests from the schemas, sequences of commands, and minimal reproductions.
//!
//! Everything generated is a [`Scenario`] without verdicts of its own. It runs, is recorded, checked and
//! written to files like hand-written scenarios.

mod depth;
mod request;
mod sampling;
mod schema;
pub mod sequence;
pub mod shrink;
mod text;
mod valid;
mod violation;

use hearback_scenarios::Scenario;

pub use depth::Depth;
pub use schema::{Unsupported, unsupported};

/// Generates scenarios from the contract, by operation and event; deterministic for a seed and depth.
///
/// Their names are `generated/<operation>/<kind>:<number>`. A larger depth includes the scenarios of a
/// smaller one, except that the last scenario of each kind may have more cases.
pub fn scenarios(seed: u64, depth: Depth) -> Vec<Scenario> {
    request::scenarios(seed, depth)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use hearback_contract::{Operation, RequirementId, schemas};
    use hearback_scenarios::Action;
    use hearback_scenarios::template::{self, Variables};
    use serde_json::json;

    use super::*;

    #[test]
    fn scenarios_depend_on_the_seed_only() {
        let steps = |seed| scenarios(seed, Depth::STANDARD).into_iter().map(|it| it.steps);
        assert!(steps(1).eq(steps(1)));
        assert!(steps(1).ne(steps(2)));
    }

    #[test]
    fn names_are_unique_and_larger_depths_add_scenarios() {
        let names =
            |depth| HashSet::<_>::from_iter(scenarios(1, depth).into_iter().map(|it| it.name));
        let standard = scenarios(1, Depth::STANDARD);
        assert_eq!(names(Depth::STANDARD).len(), standard.len());
        assert!(names(Depth::QUICK).is_subset(&names(Depth::STANDARD)));
        assert!(scenarios(1, Depth::NONE).is_empty());
        for scenario in standard {
            assert!(scenario.name.as_str().starts_with("generated/"), "{}", scenario.name);
            assert!(!scenario.requirements.is_empty(), "{}", scenario.name);
        }
    }

    #[test]
    fn every_requirement_is_covered_by_a_scenario() {
        let all = hearback_scenarios::embedded().into_iter().chain(scenarios(1, Depth::QUICK));
        let covered: HashSet<_> = all.flat_map(|scenario| scenario.requirements).collect();
        let missing: Vec<_> = RequirementId::all().filter(|id| !covered.contains(id)).collect();
        assert!(missing.is_empty(), "no scenario covers {missing:?}");
    }

    /// Values for all placeholders.
    fn variables() -> Variables {
        let id = || json!("550e8400-e29b-41d4-a716-446655440000");
        let object = || json!({ "id": id(), "participants": [{ "id": 7 }] });
        let mut variables: Variables = ["room", "other", "fresh", "first", "elsewhere"]
            .map(|name| (name.to_owned(), object()))
            .into();
        for user in ["alice", "bob", "carol"] {
            variables.insert(user.to_owned(), json!({ "id": variables.len() }));
        }
        variables.insert("unknown".to_owned(), json!({ "uuid": id(), "number": 2_147_480_000 }));
        variables.extend(["run", "unique"].map(|name| (name.to_owned(), json!("word"))));
        variables
    }

    /// Bodies of the cases of one kind, with their placeholders replaced.
    fn bodies(kind: &str) -> Vec<(Operation, serde_json::Value)> {
        let scenarios = scenarios(7, Depth::STANDARD).into_iter();
        let of_kind = scenarios.filter(|scenario| {
            scenario.name.as_str().split(':').next().is_some_and(|name| name.ends_with(kind))
        });
        of_kind
            .flat_map(|scenario| scenario.steps)
            .filter_map(|step| match step.action {
                Action::Call(call) => {
                    Some((call.operation, template::resolve(&call.body?, &variables()).unwrap()))
                }
                _ => None,
            })
            .collect()
    }

    #[test]
    fn valid_bodies_conform_to_their_schemas() {
        let bodies = bodies("/valid");
        assert!(bodies.len() > 300);
        for (operation, body) in bodies {
            let violations = schemas::request(operation).unwrap().violations(&body);
            assert!(violations.is_empty(), "{operation} {body}: {violations:?}");
        }
    }

    #[test]
    fn invalid_bodies_violate_the_schema_at_one_place() {
        let mut violated = HashSet::new();
        for (operation, body) in bodies("/invalid") {
            let violations = schemas::request(operation).unwrap().violations(&body);
            for violation in &violations {
                assert_eq!(violation.pointer, violations[0].pointer, "{operation} {body}");
                violated.insert(format!("{operation} {} {}", violation.pointer, violation.keyword));
            }
        }
        for expected in [
            "messages.send /content minLength",
            "messages.send /content type",
            "messages.send /message_type enum",
            "messages.send /reply_to format",
            "messages.send /room format",
            "messages.send  required",
            "rooms.create /participant_ids maxItems",
            "rooms.create /participant_ids minItems",
            "rooms.create /participant_ids/1 type",
            "participants.add /user type",
            "participants.mute /muted_until format",
            "token.refresh /refresh type",
        ] {
            assert!(violated.contains(expected), "no body violates {expected}: {violated:#?}");
        }
    }
}
