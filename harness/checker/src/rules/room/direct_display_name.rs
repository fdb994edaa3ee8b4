//! Checks that the `display_name` of a direct room without a name is the full name of the other
//! participant, for both of them. Both must certainly be members. Full names are taken from
//! participants in other responses; a name that responses disagree about is unknown.

use ahash::AHashMap;
use hearback_contract::{RequirementId, UserId};
use serde_json::Value;

use super::display_names::{Read, check_name, reads_of_type};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomDirectDisplayName, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let reads = reads_of_type(input, "direct", context);
    let names = if reads.is_empty() { AHashMap::new() } else { full_names(input) };
    for read in reads {
        let Read { room, call, viewer, display_name } = read;
        if room.name.is_some_and(|name| !name.is_empty()) {
            continue;
        }
        // A room that one of the two left may be displayed otherwise, and a third participant is left to
        // another requirement.
        let two = room.members_at(call.interval()).filter(|members| members.len() == 2);
        let (Some(two), Some(viewer)) = (two, viewer) else { continue };
        let Some(other) =
            two.iter().find(|user| **user != viewer).filter(|_| two.contains(&viewer))
        else {
            continue;
        };
        let Some(full_name) = names.get(other).copied().flatten().filter(|name| !name.is_empty())
        else {
            context.inconclusive(Reason::UnknownUser(format!("user {other}")));
            continue;
        };
        check_name(read.call, full_name, display_name, "the full name of the other user", context);
    }
}

/// Returns full names by user id, as rooms show them. `None` if they disagree.
fn full_names<'h>(input: RuleInput<'h>) -> AHashMap<UserId, Option<&'h str>> {
    let mut names = AHashMap::new();
    let users = input.model.room_observations.iter().flat_map(|observation| {
        let participants = observation.value.get("participants").and_then(Value::as_array);
        participants.into_iter().flatten().filter_map(|participant| participant.get("user"))
    });
    for user in users {
        let id = user.get("id").and_then(UserId::from_json);
        let name = user.get("full_name").and_then(Value::as_str);
        if let (Some(id), Some(name)) = (id, name) {
            let known = names.entry(id).or_insert(Some(name));
            *known = known.filter(|known| *known == name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use crate::rules::room::display_names::testing::{get, list};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    const DIRECT: &str = r#"alice rooms.create {"room_type": "direct", "participant_ids": [2]} => 201 @room {"id": "$r1", "created_by": {"id": 1}, "last_message": null, "participants": [@participant {"user": {"id": 1, "full_name": "Alice A"}}, @participant {"user": {"id": 2, "full_name": "Bob B"}}]}"#;

    const GROUP: &str = r#"alice rooms.create {"room_type": "group", "name": "x", "participant_ids": [2]} => 201 @room {"id": "$r1"}"#;

    #[test]
    fn a_direct_room_has_the_name_of_the_other_user() {
        const RULE: &str = "room/direct-display-name";
        let left = format!("{DIRECT}\nbob rooms.leave $r1 => 200 {{}}");
        assert_states(&[
            (RULE, Held, &get(DIRECT, "alice", "Bob B")),
            (RULE, Held, &list(DIRECT, "bob", "Alice A")),
            (RULE, Broken, &get(DIRECT, "alice", "Alice A")),
            (RULE, Broken, &list(DIRECT, "bob", "Bob B")),
            (RULE, Broken, &list(DIRECT, "alice", "")),
            (RULE, NotExercised, &get(DIRECT, "carol", "Bob B")),
            (RULE, NotExercised, &get(&left, "alice", "someone")),
            (RULE, NotExercised, &get(GROUP, "alice", "y")),
        ]);
    }
}
