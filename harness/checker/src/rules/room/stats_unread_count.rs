//! Checks that `rooms.stats` and `rooms.get` show the same `unread_count` to the same user. Each
//! response is compared with the latest of the other operation; it abstains if anything may have
//! been written in the room from the start of the first to the end of the second.

use hearback_contract::{Operation, RequirementId};

use super::view_agreement::{Sides, compare};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomStatsUnreadCount, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let sides: Sides = |operation| match operation {
        Operation::RoomsGet => Some(0),
        Operation::RoomsStats => Some(1),
        _ => None,
    };
    compare(input, sides, &["unread_count"], context);
}

#[cfg(test)]
mod tests {
    use crate::rules::room::view_agreement::testing::then;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, Undecided};

    #[test]
    fn statistics_and_detail_agree() {
        const RULE: &str = "room/stats-unread-count";
        let get = r#"alice rooms.get $r1 => 200 @room {"id": "$r1"}"#;
        let stats = "alice rooms.stats $r1 => 200 @room_stats";
        let read = "alice rooms.mark_read $r1 => 200 {}";
        let none = r#"alice rooms.stats $r1 => 200 @room_stats {"unread_count": 0}"#;
        assert_states(&[
            (RULE, Held, &then(&format!("{get}\n{stats}"))),
            (RULE, Broken, &then(&format!("{none}\n{get}"))),
            (RULE, Undecided, &then(&format!("{get}\n{read}\n{none}"))),
            (
                RULE,
                Undecided,
                &then(&format!(
                    "{get}\nalice rooms.stats $r1 => 200 @room_stats {{\"unread_count\": \"3\"}}"
                )),
            ),
        ]);
    }
}
