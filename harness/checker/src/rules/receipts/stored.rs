//! Checks that a user who marked a message read is in its `read_by`. The mark must certainly have
//! been handled before the read began, and the user must have been a member from then on. Deleted
//! messages and marks by the sender are skipped.

use std::collections::BTreeMap;

use ahash::AHashMap;
use hearback_contract::{MessageRef, RequirementId, UserId};
use hearback_history::Interval;

use super::readers::{readers, reads};
use crate::model::Mark;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::member;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ReceiptsStored, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let model = input.model;
    // The first certain mark of each reader.
    let mut given: AHashMap<MessageRef<'_>, BTreeMap<UserId, &Mark<'h>>> = AHashMap::new();
    for message in model.messages.values() {
        let sender = model.user_id(&message.sender);
        for receipt in message.receipts.iter().filter(|it| it.is_sure && Some(it.user) != sender) {
            let first = given
                .entry(message.id.borrowed())
                .or_default()
                .entry(receipt.user)
                .or_insert(receipt);
            if receipt.given.returned < first.given.returned {
                *first = receipt;
            }
        }
    }
    for (observation, message) in reads(input) {
        let (Some(given), Some(room)) =
            (given.get(&message.id.borrowed()), model.rooms.get(&message.room))
        else {
            continue;
        };
        if message.maybe_deleted(observation.at) {
            continue;
        }
        for (user, receipt) in given {
            let meanwhile = Interval { invoked: receipt.given.invoked, ..observation.at };
            if !receipt.given.precedes(observation.at) || !room.surely_member(*user, meanwhile) {
                continue;
            }
            let Some(readers) = member(observation.value, "read_by", readers, context) else {
                break;
            };
            context.check(readers.contains_key(user), || {
                Violation::new(
                    format!("read_by in {}", observation.place()),
                    format!("`read_by` has user {user}, who marked the message read"),
                    format!("it has users {:?}", readers.keys().collect::<Vec<_>>()),
                )
                .evidence(message.origin)
                .evidence(receipt.evidence)
                .evidence(observation.evidence)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::receipts::readers::testing::{MARKED, get, history};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn users_who_marked_a_message_are_in_read_by() {
        let rule = "receipts/stored";
        let (with, without) =
            (get("carol", "[50..51]", &[(2, 0)], ""), get("carol", "[50..51]", &[], ""));
        let meanwhile = get("carol", "[35..51]", &[], "");
        let deleted = "[45..49] alice messages.delete $m1 => ?";
        let gone = "[45..49] bob rooms.leave $r1 => 200 {}";
        let mistyped = with.replace("\"2\":", "\"bob\":");
        assert_states(&[
            (rule, Held, &history(&[MARKED, &with])),
            (rule, Broken, &history(&[MARKED, &without])),
            (rule, NotExercised, &history(&[MARKED, &meanwhile])),
            (rule, NotExercised, &history(&[&MARKED.replace("200 {}", "?"), &without])),
            (rule, NotExercised, &history(&[MARKED, deleted, &without])),
            (rule, NotExercised, &history(&[MARKED, gone, &without])),
            (rule, NotExercised, &history(&[&MARKED.replace("bob", "alice"), &without])),
            (rule, Undecided, &history(&[MARKED, &mistyped])),
        ]);
        let socket = r#"
            [25..25] bob@r1 open
            [26..26] carol@r1 open
            [30..30] bob@r1 -> {"type": "read_receipt", "message_id": "$m1"}
            [40..40] carol@r1 <- @read_receipt {"message_id": "$m1", "user_id": 2}"#;
        assert_states(&[
            (rule, Held, &history(&[socket, &with])),
            (rule, Broken, &history(&[socket, &without])),
        ]);
    }
}
