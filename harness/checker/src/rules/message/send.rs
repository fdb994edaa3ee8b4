//! Checks that members can send messages to active rooms. Only sends of ordinary text that no
//! server has a reason to reject count; replies are left to `message/reply`.

use hearback_contract::RequirementId;

use super::well_formed_sends::{expect_success, is_reply, well_formed};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::text::ORDINARY_LENGTH;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageSend, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in well_formed(input, 1, ORDINARY_LENGTH).filter(|call| !is_reply(call)) {
        expect_success(call, "a member can send a message to an active room", context);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const ROOM: &str = r#"alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}"#;

    #[test]
    fn members_can_send() {
        let send = |who: &str, content: &str, answer: &str| {
            format!(
                r#"{ROOM}
                {who} messages.send {{"room": "$r1", "content": "{content}"}} => {answer}"#
            )
        };
        let large = "x".repeat(10_000);
        assert_states(&[
            ("message/send", Held, &send("bob", "a", "201 @message {\"id\": \"$m1\"}")),
            ("message/send", Broken, &send("bob", "a", "403 @error")),
            ("message/send", Undecided, &send("bob", "a", "500 @error")),
            ("message/send", NotExercised, &send("bob", "a", "?")),
            ("message/send", NotExercised, &send("carol", "a", "403 @error")),
            ("message/send", NotExercised, &send("bob", " ", "400 @error")),
            ("message/send", NotExercised, &send("bob", &large, "400 @error")),
        ]);
    }

    #[test]
    fn departed_members_and_archived_rooms_may_be_rejected() {
        let during = |line: &str| {
            format!(
                r#"{ROOM}
                [10..30] {line}
                [20..40] bob messages.send {{"room": "$r1", "content": "a"}} => 403 @error"#
            )
        };
        assert_states(&[
            ("message/send", NotExercised, &during("bob rooms.leave $r1 => 200 {}")),
            ("message/send", NotExercised, &during("alice rooms.archive $r1 => 200 @room")),
            ("message/send", NotExercised, &during("alice rooms.archive $r1 => ?")),
        ]);
    }
}
