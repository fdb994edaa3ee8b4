//! Rule `room/direct-display-name`.

use ahash::AHashMap;
use hearback_contract::RequirementId;
use serde_json::Value;

use super::display_names::{Look, check_name, looks};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomDirectDisplayName, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
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

#[cfg(test)]
mod tests {
    use crate::rules::room::display_names::testing::{get, list};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    const DIRECT: &str = r#"alice rooms.create {"room_type": "direct", "participant_ids": [2]} => 201 @room {"id": "$r1", "created_by": {"id": 1}, "last_message": null, "participants": [@participant {"user": {"id": 1, "full_name": "Alice A"}}, @participant {"user": {"id": 2, "full_name": "Bob B"}}]}"#;

    const GROUP: &str = r#"alice rooms.create {"room_type": "group", "name": "x", "participant_ids": [2]} => 201 @room {"id": "$r1"}"#;

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
}
