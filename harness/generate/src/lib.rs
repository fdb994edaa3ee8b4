//! Generated scenarios: requests from the schemas, sequences of commands, and minimal reproductions.
//!
//! Whatever is generated is a [`Scenario`]: stimuli, and nothing that decides. It is carried out, recorded,
//! judged and written to a file like one that somebody wrote.

mod depth;
mod request;
mod sampling;
pub mod sequence;
mod shape;
pub mod shrink;
mod text;
mod valid;
mod violation;

use hearback_scenarios::Scenario;

pub use depth::Depth;

/// The scenarios that are generated from the contract, by operation and event; the same ones for the same
/// seed and depth.
///
/// Their names are `generated/<operation>/<kind>:<number>`; the ones of a smaller depth are among those of
/// a larger one, as far as the last of them.
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
    fn the_same_seed_makes_the_same_scenarios_and_another_seed_others() {
        let steps = |seed| scenarios(seed, Depth::STANDARD).into_iter().map(|it| it.steps);
        assert!(steps(1).eq(steps(1)));
        assert!(steps(1).ne(steps(2)));
    }

    #[test]
    fn each_scenario_has_a_name_of_its_own_and_more_depth_makes_more_of_them() {
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
    fn every_requirement_is_spoken_to_by_a_scenario() {
        let all = hearback_scenarios::embedded().into_iter().chain(scenarios(1, Depth::QUICK));
        let spoken: HashSet<_> = all.flat_map(|scenario| scenario.requirements).collect();
        let missing: Vec<_> = RequirementId::all().filter(|id| !spoken.contains(id)).collect();
        assert!(missing.is_empty(), "no scenario speaks to {missing:?}");
    }

    /// What placeholders stand for, as it could be at a target.
    fn world() -> Variables {
        let id = || json!("550e8400-e29b-41d4-a716-446655440000");
        let thing = || json!({ "id": id(), "participants": [{ "id": 7 }] });
        let mut world: Variables = ["room", "other", "fresh", "first", "elsewhere"]
            .map(|name| (name.to_owned(), thing()))
            .into();
        for person in ["alice", "bob", "carol"] {
            world.insert(person.to_owned(), json!({ "id": world.len() }));
        }
        world.insert("unknown".to_owned(), json!({ "uuid": id(), "number": 2_147_480_000 }));
        world.extend(["run", "unique"].map(|name| (name.to_owned(), json!("word"))));
        world
    }

    /// Bodies of the cases of one kind, with what placeholders stand for.
    fn bodies(kind: &str) -> Vec<(Operation, serde_json::Value)> {
        let scenarios = scenarios(7, Depth::STANDARD).into_iter();
        let of_kind = scenarios.filter(|scenario| {
            scenario.name.as_str().split(':').next().is_some_and(|name| name.ends_with(kind))
        });
        of_kind
            .flat_map(|scenario| scenario.steps)
            .filter_map(|step| match step.action {
                Action::Call(call) => {
                    Some((call.operation, template::resolve(&call.body?, &world()).unwrap()))
                }
                _ => None,
            })
            .collect()
    }

    #[test]
    fn valid_bodies_fit_their_schemas() {
        let bodies = bodies("/valid");
        assert!(bodies.len() > 300);
        for (operation, body) in bodies {
            let violations = schemas::request(operation).unwrap().violations(&body);
            assert!(violations.is_empty(), "{operation} {body}: {violations:?}");
        }
    }

    #[test]
    fn invalid_bodies_break_one_keyword_at_one_place() {
        let mut broken = HashSet::new();
        for (operation, body) in bodies("/invalid") {
            let violations = schemas::request(operation).unwrap().violations(&body);
            for violation in &violations {
                assert_eq!(violation.pointer, violations[0].pointer, "{operation} {body}");
                broken.insert(format!("{operation} {} {}", violation.pointer, violation.keyword));
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
            assert!(broken.contains(expected), "nothing breaks {expected}: {broken:#?}");
        }
    }
}
