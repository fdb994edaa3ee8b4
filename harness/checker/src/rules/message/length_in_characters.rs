//! Checks that content of up to 10,000 characters of any script is accepted where content of as many ASCII
//! characters is. A rejection is undecided if no ASCII content of that length was accepted, because the
//! maximum length may be lower, which `message/large-content` reports.

use hearback_contract::RequirementId;
use hearback_history::Call;
use serde_json::Value;

use super::large_content::LARGE;
use super::requests::requested;
use super::well_formed_sends::{is_reply, well_formed};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{refusal, success};
use crate::rules::text::ORDINARY_LENGTH;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageLengthInCharacters, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let sends = || well_formed(input, ORDINARY_LENGTH + 1, LARGE).filter(|call| !is_reply(call));
    let plain = sends().filter(|call| call.succeeded() && content(call).is_ascii());
    let longest = plain.map(|call| content(call).len()).max().unwrap_or_default();
    for call in sends().filter(|call| !content(call).is_ascii()) {
        let length = content(call).chars().count();
        if !call.refused() || call.status() == Some(401) {
            if success(call, context).is_some() {
                context.held();
            }
        } else if longest < length {
            context.inconclusive(Reason::Violates(RequirementId::MessageLargeContent));
        } else {
            context.check(false, || {
                Violation::new(
                    "messages.send with other characters than ASCII",
                    format!("{length} characters are accepted, since {longest} of ASCII are"),
                    format!("{} bytes are {}", content(call).len(), refusal(call)),
                )
                .evidence(call)
            });
        }
    }
}

fn content(call: &Call) -> &str {
    requested(call, "content").and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn characters_count_and_not_bytes() {
        let rule = "message/length-in-characters";
        let sends = |plain: &str, other: &str| {
            format!(
                r#"alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
                alice messages.send {{"room": "$r1", "content": "{}"}} => {plain}
                alice messages.send {{"room": "$r1", "content": "{}"}} => {other}"#,
                "x".repeat(2_000),
                "🦓".repeat(2_000),
            )
        };
        let sent = |id: &str| format!(r#"201 @message {{"id": "${id}", "room": "$r1"}}"#);
        let (first, second, refused) = (sent("m1"), sent("m2"), "400 @error");
        assert_states(&[
            (rule, Held, &sends(&first, &second)),
            (rule, Broken, &sends(&first, refused)),
            (rule, Undecided, &sends(refused, refused)),
            (rule, NotExercised, &sends(&first, "?")),
        ]);
    }
}
