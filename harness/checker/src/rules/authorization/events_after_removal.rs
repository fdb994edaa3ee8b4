//! Rule `authorization/events-after-removal`.

use hearback_contract::RequirementId;

use super::late_events::{Late, Outcome, is_cut_off, outcomes};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::{RuleContext, Violation};

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::AuthorizationEventsAfterRemoval, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for listener in input.model.sockets.all() {
        // Nothing can be sent on a socket that is closed.
        if is_cut_off(input, listener) {
            context.held();
        }
    }
    for (late, outcome) in outcomes(input) {
        match outcome {
            Outcome::Nothing => context.held(),
            Outcome::Inconclusive => {
                context.inconclusive("nobody listened for long enough to tell");
            }
            Outcome::Effect(evidence, actual) => context.check(false, || {
                let Late { listener, frame, event, .. } = late;
                let who = &listener.connection.actor;
                let expected = format!("{who}, no longer in the room, cannot send {event}");
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
    fn the_socket_of_who_left_does_nothing() {
        const RULE: &str = "authorization/events-after-removal";
        let left = "[10..20] bob rooms.leave $r1 => 200 {}";
        let at = |time: u64, line: &str| format!("[{time}..{time}] {line}");
        let typing = r#"bob@r1 -> {"type": "typing", "is_typing": true}"#;
        let told = r#"alice@r1 <- @typing {"user_id": 2, "is_typing": true}"#;
        let say = r#"bob@r1 -> {"type": "chat_message", "message": "late"}"#;
        let heard = r#"alice@r1 <- @chat_message {"message": {"id": "$m2", "room_id": "$r1", "content": "late", "sender": {"id": 2}}}"#;
        let listed = r#"alice messages.list ?room=$r1 => 200 {"results": [@message {"id": "$m2", "room": "$r1", "content": "late"}]}"#;
        let read = r#"bob@r1 -> {"type": "read_receipt", "message_id": "$m1"}"#;
        let receipt = r#"alice@r1 <- @read_receipt {"user_id": 2, "message_id": "$m1"}"#;
        for (event, effects) in [(say, &[heard, listed][..]), (typing, &[told]), (read, &[receipt])]
        {
            let late = at(30, event);
            assert_states(&[
                (RULE, Held, &history(&[left, &late])),
                (RULE, Undecided, &history(&[left, &late, "[31..31] alice@r1 close"])),
                // Whether it was sent in time is not known.
                (RULE, NotExercised, &history(&[left, &at(15, event), &at(31, effects[0])])),
            ]);
            for effect in effects {
                assert_states(&[(RULE, Broken, &history(&[left, &late, &at(31, effect)]))]);
            }
        }
        // One of the two typings was right, and it may be the one that came.
        let twice = [&at(8, typing), left, &at(30, typing), &at(31, told)].map(String::from);
        let twice: Vec<&str> = twice.iter().map(String::as_str).collect();
        assert_states(&[
            (RULE, Held, &history(&twice)),
            (RULE, Broken, &history(&[&twice[..], &[at(32, told).as_str()]].concat())),
        ]);
    }
}
