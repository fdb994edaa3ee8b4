//! What a room is displayed as.

use ahash::AHashMap;
use hearback_contract::Operation;
use hearback_history::Call;
use serde_json::Value;

use crate::model::Room;
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::{member, quoted, success};

/// A room as it was shown to one user, in its detail or in the list.
struct Look<'h> {
    room: &'h Room<'h>,
    call: &'h Call,
    /// `None` if the viewer's id is not known.
    viewer: Option<i64>,
    display_name: &'h str,
}

/// Every look at a room of one type that this run made.
fn looks<'h>(
    input: RuleInput<'h>,
    room_type: &str,
    context: &mut RuleContext<'h>,
) -> Vec<Look<'h>> {
    if !input.model.rooms.values().any(|room| room.room_type == Some(room_type)) {
        return Vec::new();
    }
    let mut looks = Vec::new();
    for call in input.history.calls.iter().filter(|call| call.is_authorized()) {
        let objects: Vec<&Value> = match call.operation() {
            Some(Operation::RoomsGet) if input.model.room_of(call).is_some() => {
                success(call, context).into_iter().collect()
            }
            Some(Operation::RoomsList) => call.items().into_iter().flatten().collect(),
            _ => continue,
        };
        for object in objects {
            let id = object.get("id").and_then(Value::as_str);
            let room = id.and_then(|id| input.model.rooms.get(id));
            let Some(room) = room.filter(|room| room.room_type == Some(room_type)) else {
                continue;
            };
            let name = member(object, "display_name", Value::as_str, context);
            let viewer = input.model.user_id(&call.invocation.actor);
            looks.extend(name.map(|display_name| Look { room, call, viewer, display_name }));
        }
    }
    looks
}

/// Full names by user id, as rooms show them; `None` where they disagree.
fn full_names<'h>(input: RuleInput<'h>) -> AHashMap<i64, Option<&'h str>> {
    let mut names = AHashMap::new();
    let users = input.model.room_observations.iter().flat_map(|observation| {
        let participants = observation.value.get("participants").and_then(Value::as_array);
        participants.into_iter().flatten().filter_map(|participant| participant.get("user"))
    });
    for user in users {
        let id = user.get("id").and_then(Value::as_i64);
        let name = user.get("full_name").and_then(Value::as_str);
        if let (Some(id), Some(name)) = (id, name) {
            let known = names.entry(id).or_insert(Some(name));
            *known = known.filter(|known| *known == name);
        }
    }
    names
}

pub(super) fn direct_display_name<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let looks = looks(input, "direct", context);
    let names = if looks.is_empty() { AHashMap::new() } else { full_names(input) };
    for look in looks {
        let Look { room, call, viewer, display_name } = look;
        if room.name.is_some_and(|name| !name.is_empty()) {
            continue;
        }
        // Who has left may be shown otherwise; a third is another requirement's business.
        let two = room.members_at(call.interval()).filter(|members| members.len() == 2);
        let (Some(two), Some(viewer)) = (two, viewer) else { continue };
        let Some(other) =
            two.iter().find(|user| **user != viewer).filter(|_| two.contains(&viewer))
        else {
            continue;
        };
        let Some(full_name) = names.get(other).copied().flatten().filter(|name| !name.is_empty())
        else {
            context.inconclusive(format!("the full name of user {other} is not known"));
            continue;
        };
        check_name(look.call, full_name, display_name, "the other's full name", context);
    }
}

pub(super) fn group_display_name<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for look in looks(input, "group", context) {
        let name = look.room.name.map(str::trim).filter(|name| !name.is_empty());
        if let Some(name) = name {
            check_name(look.call, name, look.display_name, "its name", context);
        }
    }
}

fn check_name<'h>(
    call: &'h Call,
    expected: &str,
    display_name: &str,
    what: &str,
    context: &mut RuleContext<'h>,
) {
    context.check(display_name.trim() == expected.trim(), || {
        Violation::new(
            format!("{}: display_name", call.operation().map_or("", Operation::id)),
            format!("`display_name` is {what}, {}", quoted(expected)),
            format!("it is {}", quoted(display_name)),
        )
        .evidence(call)
    });
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    const DIRECT: &str = r#"alice rooms.create {"room_type": "direct", "participant_ids": [2]} => 201 @room {"id": "$r1", "created_by": {"id": 1}, "last_message": null, "participants": [@participant {"user": {"id": 1, "full_name": "Alice A"}}, @participant {"user": {"id": 2, "full_name": "Bob B"}}]}"#;
    const GROUP: &str = r#"alice rooms.create {"room_type": "group", "name": "x", "participant_ids": [2]} => 201 @room {"id": "$r1"}"#;

    fn get(made: &str, who: &str, name: &str) -> String {
        format!(
            r#"{made}
            {who} rooms.get $r1 => 200 @room {{"id": "$r1", "display_name": "{name}", "participants": []}}"#
        )
    }

    fn list(made: &str, who: &str, name: &str) -> String {
        format!(
            r#"{made}
            {who} rooms.list => 200 {{"results": [@room_summary {{"display_name": "other's"}}, @room_summary {{"id": "$r1", "display_name": "{name}"}}]}}"#
        )
    }

    #[test]
    fn a_direct_room_has_the_others_name() {
        const RULE: &str = "room/direct-display-name";
        let left = format!("{DIRECT}\nbob rooms.leave $r1 => 200 {{}}");
        assert_states(&[
            (RULE, Held, &get(DIRECT, "alice", "Bob B")),
            (RULE, Held, &list(DIRECT, "bob", "Alice A")),
            (RULE, Broken, &get(DIRECT, "alice", "Alice A")),
            (RULE, Broken, &list(DIRECT, "bob", "Bob B")),
            (RULE, Broken, &list(DIRECT, "alice", "")),
            (RULE, NotExercised, &get(DIRECT, "carol", "Bob B")),
            (RULE, NotExercised, &get(&left, "alice", "nobody")),
            (RULE, NotExercised, &get(GROUP, "alice", "y")),
        ]);
    }

    #[test]
    fn a_named_group_has_its_name() {
        const RULE: &str = "room/group-display-name";
        assert_states(&[
            (RULE, Held, &get(GROUP, "alice", "x")),
            (RULE, Held, &list(GROUP, "bob", "x")),
            (RULE, Broken, &get(GROUP, "alice", "Bob Smith")),
            (RULE, Broken, &list(GROUP, "bob", "")),
            (RULE, NotExercised, &list(DIRECT, "bob", "y")),
        ]);
    }
}
