//! Checks that a reply does not quote the text of the deleted message that it answers. Replies that
//! name the message by id only hold. A text that the deleted message was edited to later is left to
//! `deletion/stays-deleted`.

use hearback_contract::{MessageRef, RequirementId};
use serde_json::Value;

use super::deleted_messages::{deleted_messages, violation};
use crate::model::Transport;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::quoted;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::DeletionNotInReplies, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let deleted_messages = deleted_messages(input);
    for observation in input.model.observations.iter().filter(|it| it.transport == Transport::Rest)
    {
        let Some(reply) = observation.value.get("reply_to") else { continue };
        let id = MessageRef::from_json(reply.get("id").unwrap_or(reply));
        let deleted =
            id.and_then(|id| deleted_messages.get(&id)).filter(|it| it.precedes(observation.at));
        let Some(deleted) = deleted else { continue };
        if reply.is_string() {
            // An id reveals no text.
            context.held();
            continue;
        }
        let text = reply.get("content").and_then(Value::as_str).unwrap_or_default();
        if deleted.later_texts(observation.at).any(|later| later == text) {
            continue;
        }
        let is_shown = deleted.shows_old(text) || deleted.begins_as_old(text);
        context.check(!is_shown, || {
            let expected =
                "a reply does not show the text of the deleted message that it answers".to_owned();
            let actual = format!("it shows {}", quoted(text));
            violation(deleted, observation, "reply_to.content", expected, actual)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::deletion::deleted_messages::testing::{DELETED, history};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    const LATER: &str = "[50..51]";

    #[test]
    fn replies_do_not_quote_deleted_text() {
        let rule = "deletion/not-in-replies";
        let of = |reply: &str| {
            let get = format!(
                r#"{LATER} bob messages.get $m2 => 200 @message {{"id": "$m2", "room": "$r1", "reply_to": {reply}}}"#
            );
            history(&[DELETED, &get])
        };
        assert_states(&[
            (rule, Held, &of(r#"{"id": "$m1", "content": "[Message deleted]"}"#)),
            (rule, Held, &of(r#"{"id": "$m1"}"#)),
            (rule, Broken, &of(r#"{"id": "$m1", "content": "zebra crossing"}"#)),
            (rule, Broken, &of(r#"{"id": "$m1", "content": "zebra…"}"#)),
            (rule, Held, &of(r#""$m1""#)),
            (rule, NotExercised, &of(r#""$m3""#)),
            (rule, NotExercised, &of(r#"{"id": "$m3", "content": "zebra crossing"}"#)),
        ]);
    }
}
