//! Checks that content of up to 10,000 characters is accepted. Only sends that no server has
//! another reason to reject count. Content of other characters than those of ASCII is left to
//! `message/length-in-characters`.

use hearback_contract::RequirementId;
use hearback_history::Call;
use serde_json::Value;

use super::requests::requested;
use super::well_formed_sends::{expect_success, is_reply, well_formed};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::text::ORDINARY_LENGTH;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageLargeContent, check };

/// Maximum length of content that must be accepted, in characters (content-length).
pub(super) const LARGE: usize = 10_000;

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let is_ascii = |call: &&Call| {
        requested(call, "content").and_then(Value::as_str).is_some_and(str::is_ascii)
    };
    let sends = well_formed(input, ORDINARY_LENGTH + 1, LARGE).filter(is_ascii);
    for call in sends.filter(|call| !is_reply(call)) {
        expect_success(call, "content of up to 10,000 characters is accepted", context);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

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
            ("message/large-content", Broken, &send("bob", &large, "400 @error")),
            ("message/large-content", Held, &send("bob", &large, "201 @message {\"id\": \"$m1\"}")),
            ("message/large-content", NotExercised, &send("bob", "a", "400 @error")),
            ("message/large-content", NotExercised, &send("bob", &"é".repeat(2_000), "400 @error")),
        ]);
    }
}
