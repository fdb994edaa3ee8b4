//! Checks that users who left a room, or were removed, cannot send events on a socket that is still
//! open. Such an event must have no effect that a message, `typing` or `read_receipt` shows; a
//! socket that the target closed holds, too. If no member listened long enough to notice an effect,
//! the rule abstains.

use hearback_contract::RequirementId;

use super::late_events::{Late, LateEventOutcome, is_cut_off, outcomes};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::AuthorizationEventsAfterRemoval, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for listener in input.model.sockets.all() {
        // A closed socket cannot send events.
        if is_cut_off(input, listener) {
            context.held();
        }
    }
    for (late, outcome) in outcomes(input) {
        match outcome {
            LateEventOutcome::Nothing => context.held(),
            LateEventOutcome::Inconclusive => {
                context.inconclusive(Reason::ObservedTooBriefly);
            }
            LateEventOutcome::Effect(evidence, actual) => context.check(false, || {
                let Late { listener, frame, event, .. } = late;
                let sender = &listener.connection.actor;
                let expected = format!(
                    "an event {event} of {sender}, who is no longer in the room, has no effect"
                );
                Violation::new(event.id(), expected, actual)
                    .evidence((listener.connection, frame))
                    .evidence(evidence)
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    fn history(lines: &[&str]) -> String {
        format!(
            r#"
            [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
            [3..4] alice messages.send {{"room": "$r1", "content": "a"}} => 201 @message {{"id": "$m1"}}
            [5..5] alice@r1 open
            [6..6] bob@r1 open
            {}
            [99..99] alice rooms.list => 200 {{}}
            "#,
            lines.join("\n")
        )
    }

    #[test]
    fn sockets_of_departed_members_have_no_effect() {
        const RULE: &str = "authorization/events-after-removal";
        let left = "[10..20] bob rooms.leave $r1 => 200 {}";
        let at = |time: u64, line: &str| format!("[{time}..{time}] {line}");
        let typing = r#"bob@r1 -> {"type": "typing", "is_typing": true}"#;
        let typing_seen = r#"alice@r1 <- @typing {"user_id": 2, "is_typing": true}"#;
        let send = r#"bob@r1 -> {"type": "chat_message", "message": "late"}"#;
        let received = r#"alice@r1 <- @chat_message {"message": {"id": "$m2", "room_id": "$r1", "content": "late", "sender": {"id": 2}}}"#;
        let listed = r#"alice messages.list ?room=$r1 => 200 {"results": [@message {"id": "$m2", "room": "$r1", "content": "late"}]}"#;
        let read = r#"bob@r1 -> {"type": "read_receipt", "message_id": "$m1"}"#;
        let receipt = r#"alice@r1 <- @read_receipt {"user_id": 2, "message_id": "$m1"}"#;
        for (event, effects) in
            [(send, &[received, listed][..]), (typing, &[typing_seen]), (read, &[receipt])]
        {
            let late = at(30, event);
            assert_states(&[
                (RULE, Held, &history(&[left, &late])),
                (RULE, Undecided, &history(&[left, &late, "[31..31] alice@r1 close"])),
                // The event may have been sent in time.
                (RULE, NotExercised, &history(&[left, &at(15, event), &at(31, effects[0])])),
            ]);
            for effect in effects {
                assert_states(&[(RULE, Broken, &history(&[left, &late, &at(31, effect)]))]);
            }
        }
        // The first of the two events was allowed, and it may be the one that arrived.
        let twice = [&at(8, typing), left, &at(30, typing), &at(31, typing_seen)].map(String::from);
        let twice: Vec<&str> = twice.iter().map(String::as_str).collect();
        assert_states(&[
            (RULE, Held, &history(&twice)),
            (RULE, Broken, &history(&[&twice[..], &[at(32, typing_seen).as_str()]].concat())),
        ]);
    }
}
