//! Checks that `rooms.list` and `rooms.get` show the same values to the same user. Each response is
//! compared with the latest of the other operation; it abstains if anything may have been written
//! in the room from the start of the first to the end of the second.

use hearback_contract::{Operation, RequirementId};

use super::view_agreement::{Sides, compare};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomDetailEqualsList, check };

/// Fields of a room in both the list and the detail.
const LISTED: [&str; 5] =
    ["display_name", "room_type", "participant_count", "unread_count", "is_active"];

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let sides: Sides = |operation| match operation {
        Operation::RoomsGet => Some(0),
        Operation::RoomsList => Some(1),
        _ => None,
    };
    compare(input, sides, &LISTED, context);
}

#[cfg(test)]
mod tests {
    use crate::rules::room::view_agreement::testing::then;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const SUMMARY: &str = r#"@room_summary {"id": "$r1", "display_name": "Bob Smith"}"#;

    #[test]
    fn list_and_detail_agree() {
        const RULE: &str = "room/detail-equals-list";
        let get = r#"alice rooms.get $r1 => 200 @room {"id": "$r1"}"#;
        let list = format!(r#"alice rooms.list => 200 {{"results": [{SUMMARY}]}}"#);
        let other = r#"alice rooms.list => 200 {"results": [@room_summary {"id": "$r1"}]}"#;
        let send = r#"bob messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1"}"#;
        assert_states(&[
            (RULE, Held, &then(&format!("{get}\n{list}"))),
            (RULE, Held, &then(&format!("{list}\n{get}"))),
            (RULE, Broken, &then(&format!("{get}\n{other}"))),
            (RULE, Broken, &then(&format!("{other}\n{get}"))),
            (RULE, Undecided, &then(&format!("{get}\n{send}\n{other}"))),
            (RULE, NotExercised, &then(&format!("{get}\n{}", other.replace("alice", "bob")))),
            // A send of unknown outcome may happen at any time.
            (
                RULE,
                Undecided,
                &then(&format!(
                    "bob messages.send {{\"room\": \"$r1\", \"content\": \"a\"}} => ?\n{get}\n{other}"
                )),
            ),
        ]);
    }
}
