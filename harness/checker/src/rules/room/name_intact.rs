//! Checks that a room that was created with a name of other characters than those of ASCII has exactly that
//! name in the response and in later details, code point by code point, apart from white space at both
//! ends. Names with control characters are skipped. Other names are checked by the requirements of each
//! type of room.

use hearback_contract::{Operation, RequirementId};
use hearback_history::Call;
use serde_json::Value;

use crate::model::Room;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, quoted, success};
use crate::rules::text::is_ordinary;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomNameIntact, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for room in input.model.rooms.values() {
        check_name(room, room.creation, context);
    }
    for call in input.history.calls_of(Operation::RoomsGet).filter(|call| call.is_authorized()) {
        if let Some(room) = input.model.room_of(call) {
            check_name(room, call, context);
        }
    }
}

fn check_name<'h>(room: &Room<'h>, call: &'h Call, context: &mut RuleContext<'h>) {
    let Some(name) = room.name.filter(|name| !name.is_ascii() && is_ordinary(name)) else { return };
    let Some(body) = success(call, context) else { return };
    let Some(shown) = member(body, "name", Value::as_str, context) else { return };
    context.check(shown.trim() == name.trim(), || {
        let place = call.operation().map_or("", Operation::id);
        let lengths = |text: &str| format!("{} characters", text.chars().count());
        Violation::new(
            format!("{place}: name"),
            format!("`name` is {}, {}, as requested", quoted(name), lengths(name)),
            format!("it is {}, {}", quoted(shown), lengths(shown)),
        )
        .evidence(room.creation)
        .evidence(call)
    });
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn names_of_any_script_are_kept() {
        const RULE: &str = "room/name-intact";
        let room = |asked: &str, created: &str, later: &str| {
            format!(
                r#"alice rooms.create {{"room_type": "group", "name": "{asked}", "participant_ids": [2]}} => 201 @room {{"id": "$r1", "name": {created}}}
                alice rooms.get $r1 => 200 @room {{"id": "$r1", "name": {later}}}"#
            )
        };
        let name = "Cafe\u{301} שלום";
        let same = format!("\"{name}\"");
        assert_states(&[
            (RULE, Held, &room(name, &same, &same)),
            (RULE, Broken, &room(name, "\"Café שלום\"", &same)),
            (RULE, Broken, &room(name, &same, "\"Cafe\u{301}\"")),
            (RULE, Undecided, &room(name, "null", "null")),
            (RULE, NotExercised, &room("plain", "\"other\"", "\"other\"")),
        ]);
    }
}
