//! Checks that `created_by` is the user who created the room, in the response to the creation and
//! in every later `rooms.get`. It abstains if the user id of the creator is unknown.

use hearback_contract::{Operation, RequirementId, UserId};
use hearback_history::Call;
use serde_json::Value;

use crate::model::Room;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, shown, success};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomCreatedBy, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for room in input.model.rooms.values() {
        if let Some(body) = room.creation.success() {
            check_creator(input, room, room.creation, body, context);
        }
    }
    for call in input.history.calls_of(Operation::RoomsGet).filter(|call| call.is_authorized()) {
        let Some(room) = input.model.room_of(call) else { continue };
        if let Some(body) = success(call, context) {
            check_creator(input, room, call, body, context);
        }
    }
}

fn check_creator<'h>(
    input: RuleInput<'h>,
    room: &Room<'h>,
    call: &'h Call,
    body: &'h Value,
    context: &mut RuleContext<'h>,
) {
    let Some(creator) = input.model.user_id(&room.creator) else {
        context.inconclusive(Reason::UnknownUser(room.creator.to_string()));
        return;
    };
    let read = |value: &'h Value| {
        if value.is_null() { Some(value) } else { value.get("id").filter(|id| id.is_i64()) }
    };
    let Some(shown_creator) = member(body, "created_by", read, context) else { return };
    context.check(UserId::from_json(shown_creator) == Some(creator), || {
        let place = call.operation().map_or("", Operation::id);
        let violation = Violation::new(
            format!("{place}: created_by"),
            format!("`created_by` is {} (user {creator})", room.creator),
            format!("it is {}", shown(shown_creator)),
        );
        if call.seq == room.creation.seq {
            violation.evidence(call)
        } else {
            violation.evidence(room.creation).evidence(call)
        }
    });
}

#[cfg(test)]
mod tests {
    use hearback_testkit::lines::new_room::created;

    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, Undecided};

    #[test]
    fn created_by_is_the_creator() {
        let later = |by: &str| {
            format!(
                "{}\nbob rooms.get $r1 => 200 @room {{\"id\": \"$r1\", \"created_by\": {by}}}",
                created(r#""created_by": {"id": 1}"#)
            )
        };
        assert_states(&[
            ("room/created-by", Held, &later(r#"{"id": 1}"#)),
            ("room/created-by", Broken, &later(r#"{"id": 2}"#)),
            ("room/created-by", Broken, &later("null")),
            ("room/created-by", Broken, &created(r#""created_by": {"id": 2}"#)),
            ("room/created-by", Undecided, &created(r#""created_by": "alice""#)),
        ]);
    }
}
