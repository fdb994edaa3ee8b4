//! Checks that `message_count` in `rooms.stats` is the number of messages in the room; deleted
//! messages may or may not count. It abstains if a send or a deletion overlaps the read, or if the
//! room has messages of unknown origin. Viewers who joined later are skipped, because earlier
//! messages may be hidden from them.

use hearback_contract::RequirementId;

use super::statistics::statistics;
use crate::model::WriteKind;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomStatsMessageCount, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (room, call, count) in statistics(input, "message_count", context) {
        let at = call.interval();
        let viewer = input.model.user_id(&call.invocation.actor);
        if !viewer.is_some_and(|viewer| room.surely_initial_member(viewer, at)) {
            context.inconclusive(Reason::MembershipUncertain);
            continue;
        }
        let is_quiet = input.model.is_quiet(room, &[WriteKind::Send, WriteKind::Alter], at);
        if !is_quiet || room.has_foreign_messages {
            context.inconclusive(Reason::CountUncertain);
            continue;
        }
        let most = room.acknowledged_before(at);
        let least = most.saturating_sub(room.maybe_deleted_by(at));
        context.check((least as u64..=most as u64).contains(&count), || {
            let expected = if least == most {
                format!("`message_count` is {most}, the number of messages sent")
            } else {
                format!(
                    "`message_count` is {least} to {most}: deleted messages may or may not count"
                )
            };
            let violation =
                Violation::new("rooms.stats: message_count", expected, format!("it is {count}"))
                    .magnitude(count.abs_diff(most as u64));
            let newest = most.checked_sub(1).and_then(|index| room.messages.get(index));
            match newest.and_then(|id| input.model.messages.get(id)) {
                Some(message) => violation.evidence(message.origin).evidence(call),
                None => violation.evidence(call),
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, Undecided};

    const CREATED: &str = r#"alice rooms.create {"room_type": "group", "name": "x", "participant_ids": [2]} => 201 @room {"id": "$r1", "participants": [@participant {"user": {"id": 1}}, @participant {"user": {"id": 2}}]}"#;

    fn send(number: u32) -> String {
        format!(
            r#"bob messages.send {{"room": "$r1", "content": "a"}} => 201 @message {{"id": "$m{number}", "room": "$r1"}}"#
        )
    }

    #[test]
    fn the_count_is_the_number_of_messages() {
        const RULE: &str = "room/stats-message-count";
        let stats = |between: &str, count: u32| {
            format!(
                "{CREATED}\n{}\n{}\n{between}\nalice rooms.stats $r1 => 200 @room_stats {{\"message_count\": {count}}}",
                send(1),
                send(2)
            )
        };
        let delete = "bob messages.delete $m1 => 200 {}";
        let add = r#"alice participants.add {"room": "$r1", "user": 3} => 201 @participant"#;
        assert_states(&[
            (RULE, Held, &stats("", 2)),
            (RULE, Broken, &stats("", 1)),
            (RULE, Broken, &stats("", 3)),
            (RULE, Held, &stats(delete, 2)),
            (RULE, Held, &stats(delete, 1)),
            (RULE, Broken, &stats(delete, 0)),
            (RULE, Undecided, &stats(&send(3).replace("=> 201", "=> 502"), 2)),
            (
                RULE,
                Undecided,
                &stats(&format!("[20..99] {}", send(3)), 2).replace("\nalice", "\n[50..51] alice"),
            ),
            // A member who joined later may see fewer messages.
            (RULE, Undecided, &stats(add, 0).replace("alice rooms.stats", "carol rooms.stats")),
        ]);
    }
}
