//! Checks that a room with an undocumented `room_type` is rejected with 400, or with 404 if a
//! participant may not exist. Types that differ from a documented one in case or white space only
//! are skipped. A missing type is left to `status/invalid-input`, and null counts as missing.

use hearback_contract::RequirementId;

use super::creations::{creations, known_users};
use super::rejection::check_rejected;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::shown;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomUnknownTypeRefused, check };

const TYPES: [&str; 4] = ["direct", "group", "task", "property"];

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let known = known_users(input.history);
    for creation in creations(input.history) {
        let Some(requested) = creation.request.get("room_type").filter(|value| !value.is_null())
        else {
            continue;
        };
        // A server may ignore case and white space.
        let meant = creation.room_type().map(|name| name.trim().to_lowercase());
        if meant.is_some_and(|meant| TYPES.contains(&meant.as_str())) {
            continue;
        }
        let all_known = creation.participants_exist(&known);
        check_rejected(
            creation.call,
            context,
            "another `room_type`",
            &format!("a room of type {}", shown(requested)),
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
    fn invalid_rooms_are_rejected() {
        const TYPE: &str = "room/unknown-type-refused";
        let cases: &[(&str, _, &str, &str)] = &[
            (TYPE, Held, r#"{"room_type": "club", "participant_ids": [2]}"#, "400 @error"),
            (TYPE, NotExercised, r#"{"name": "x", "participant_ids": [2]}"#, "400 @error"),
            (TYPE, NotExercised, r#"{"name": "x", "participant_ids": [2]}"#, "201 @room"),
            (TYPE, Broken, r#"{"room_type": "club", "participant_ids": [2]}"#, "201 @room"),
            (TYPE, Broken, r#"{"room_type": 5, "participant_ids": [2]}"#, "201 @room"),
            (TYPE, NotExercised, r#"{"room_type": null, "participant_ids": [2]}"#, "201 @room"),
            (TYPE, NotExercised, r#"{"room_type": "Group", "participant_ids": [2]}"#, "201 @room"),
            (TYPE, NotExercised, r#"{"room_type": "club", "participant_ids": [2]}"#, "401 @error"),
        ];
        for (requirement, state, request, response) in cases {
            let history = format!("alice rooms.create {request} => {response}");
            assert_states(&[(requirement, *state, &history)]);
        }
    }
}
