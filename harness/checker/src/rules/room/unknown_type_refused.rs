//! Rule `room/unknown-type-refused`.

use hearback_contract::RequirementId;

use super::creations::{creations, known_users};
use super::rejection::check_refused;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::shown;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomUnknownTypeRefused, check };

const TYPES: [&str; 4] = ["direct", "group", "task", "property"];

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let known = known_users(input.history);
    for creation in creations(input.history) {
        let asked = creation.request.get("room_type");
        // A server may be lenient towards case and white space.
        let meant = creation.room_type().map(|name| name.trim().to_lowercase());
        if meant.is_some_and(|meant| TYPES.contains(&meant.as_str())) {
            continue;
        }
        let all_known = creation.asks_for_known(&known);
        let (variant, what) = match asked {
            Some(value) => ("another `room_type`", format!("a room of type {}", shown(value))),
            None => ("no `room_type`", "a room without a type".to_owned()),
        };
        check_refused(
            creation.call,
            context,
            variant,
            &what,
            |status| status == 400 || status == 404 && !all_known,
            "400",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn bad_rooms_are_refused() {
        const TYPE: &str = "room/unknown-type-refused";
        let cases: &[(&str, _, &str, &str)] = &[
            // Naming oneself may be ignored, and so may naming somebody twice.
            (TYPE, Held, r#"{"room_type": "club", "participant_ids": [2]}"#, "400 @error"),
            (TYPE, Held, r#"{"name": "x", "participant_ids": [2]}"#, "400 @error"),
            (TYPE, Broken, r#"{"name": "x", "participant_ids": [2]}"#, "201 @room"),
            (TYPE, Broken, r#"{"room_type": "club", "participant_ids": [2]}"#, "201 @room"),
            (TYPE, Broken, r#"{"room_type": null, "participant_ids": [2]}"#, "404 @error"),
            (TYPE, NotExercised, r#"{"room_type": "Group", "participant_ids": [2]}"#, "201 @room"),
            (TYPE, NotExercised, r#"{"room_type": "club", "participant_ids": [2]}"#, "401 @error"),
            // Whether there is a user 99 at the target nobody knows.
        ];
        for (requirement, state, request, response) in cases {
            let history = format!("alice rooms.create {request} => {response}");
            assert_states(&[(requirement, *state, &history)]);
        }
    }
}
