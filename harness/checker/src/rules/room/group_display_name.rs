//! Checks that the `display_name` of a group that was created with a name is that name, in details
//! and lists. Names of other characters than those of ASCII are left to `room/name-intact`, which reports
//! that they were changed.

use hearback_contract::RequirementId;

use super::display_names::{check_name, reads_of_type};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomGroupDisplayName, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for read in reads_of_type(input, "group", context) {
        let is_plain = |name: &&str| name.is_ascii() && !name.is_empty();
        let name = read.room.name.map(str::trim).filter(is_plain);
        if let Some(name) = name {
            check_name(read.call, name, read.display_name, "its name", context);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::room::display_names::testing::{get, list};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    const DIRECT: &str = r#"alice rooms.create {"room_type": "direct", "participant_ids": [2]} => 201 @room {"id": "$r1", "created_by": {"id": 1}, "last_message": null, "participants": [@participant {"user": {"id": 1, "full_name": "Alice A"}}, @participant {"user": {"id": 2, "full_name": "Bob B"}}]}"#;

    const GROUP: &str = r#"alice rooms.create {"room_type": "group", "name": "x", "participant_ids": [2]} => 201 @room {"id": "$r1"}"#;

    #[test]
    fn a_named_group_displays_its_name() {
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
