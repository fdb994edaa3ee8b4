//! What sights of deleted messages must say, and must not.

use hearback_contract::{Operation, schemas};
use serde_json::{Map, Value};

use super::{Deleted, graveyard, sights};
use crate::model::{MessageObservation, PLACEHOLDER, Transport};
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::{member, quoted, shown, text_or_null};

/// Other fields than the content may hold a text of fewer bytes for other reasons.
const UNMISTAKABLE: usize = 12;

fn violation<'h>(
    deleted: &Deleted<'h>,
    observation: &MessageObservation<'h>,
    field: &str,
    expected: String,
    actual: String,
) -> Violation<'h> {
    Violation::new(format!("{field} in {}", observation.place()), expected, actual)
        .evidence(deleted.message.origin)
        .evidence(deleted.call)
        .evidence(observation.evidence)
}

pub(super) fn placeholder<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (observation, deleted) in sights(input, &graveyard(input)) {
        let Some(content) = member(observation.value, "content", Value::as_str, context) else {
            continue;
        };
        if deleted.is_edited_back(observation) {
            context.inconclusive("it was edited: see deletion/stays-deleted");
        } else if deleted.shows_old(content) {
            context.inconclusive("the old text is there: see deletion/text-is-gone");
        } else {
            context.check(content == PLACEHOLDER, || {
                let expected = format!("content is {}", quoted(PLACEHOLDER));
                let actual = format!("content is {}", quoted(content));
                violation(deleted, observation, "content", expected, actual)
            });
        }
    }
}

pub(super) fn flags<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (observation, deleted) in sights(input, &graveyard(input)) {
        if deleted.is_edited_back(observation) {
            context.inconclusive("it was edited: see deletion/stays-deleted");
            continue;
        }
        if let Some(flag) = member(observation.value, "is_deleted", Value::as_bool, context) {
            context.check(flag, || {
                let expected = "is_deleted is true".to_owned();
                violation(deleted, observation, "is_deleted", expected, "it is false".to_owned())
            });
        }
        if let Some(time) = member(observation.value, "deleted_at", text_or_null, context) {
            context.check(time.is_some(), || {
                let expected = "deleted_at says since when".to_owned();
                violation(deleted, observation, "deleted_at", expected, "it is null".to_owned())
            });
        }
    }
}

pub(super) fn text_is_gone<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let model = schemas::model("chat_message").and_then(|it| it.json["properties"].as_object());
    for (observation, deleted) in sights(input, &graveyard(input)) {
        let is_read =
            matches!(observation.operation, Some(Operation::MessagesGet | Operation::MessagesList));
        let Some(object) = observation.value.as_object().filter(|_| is_read) else { continue };
        if deleted.is_edited_back(observation) || deleted.old_texts().next().is_none() {
            continue;
        }
        let betrayed = place_of_old(deleted, object, model);
        context.check(betrayed.is_none(), || {
            let (field, value) = betrayed.unwrap_or(("content", &Value::Null));
            let expected = "the old text is nowhere in a deleted message".to_owned();
            violation(deleted, observation, field, expected, format!("{field} is {}", shown(value)))
        });
    }
}

/// The field that shows a text that the message had, if one does: `content`, or one that is not of the
/// model.
fn place_of_old<'v>(
    deleted: &Deleted<'_>,
    object: &'v Map<String, Value>,
    model: Option<&Map<String, Value>>,
) -> Option<(&'v str, &'v Value)> {
    let betrays = |(field, value): &(&'v str, &'v Value)| {
        let is_of_model = model.is_some_and(|model| model.contains_key(*field));
        match value.as_str() {
            Some(text) if *field == "content" => deleted.shows_old(text),
            Some(text) if !is_of_model => {
                deleted.old_texts().any(|old| old.len() >= UNMISTAKABLE && text.contains(old))
            }
            _ => false,
        }
    };
    object.iter().map(|(field, value)| (field.as_str(), value)).find(betrays)
}

pub(super) fn not_in_replies<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let graveyard = graveyard(input);
    for observation in input.model.observations.iter().filter(|it| it.transport == Transport::Rest)
    {
        let Some(reply) = observation.value.get("reply_to") else { continue };
        let id = reply.get("id").unwrap_or(reply).as_str();
        let deleted = id.and_then(|id| graveyard.get(id)).filter(|it| it.precedes(observation.at));
        let Some(deleted) = deleted else { continue };
        if reply.is_string() {
            // An id shows nothing.
            context.held();
            continue;
        }
        let text = reply.get("content").and_then(Value::as_str).unwrap_or_default();
        if deleted.later_texts(observation.at).any(|later| later == text) {
            continue;
        }
        let is_shown = deleted.shows_old(text) || deleted.begins_as_old(text);
        context.check(!is_shown, || {
            let expected = "a reply does not show the deleted text that it answers".to_owned();
            let actual = format!("it shows {}", quoted(text));
            violation(deleted, observation, "reply_to.content", expected, actual)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{DELETED, get, history, shown};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const LATER: &str = "[50..51]";

    #[test]
    fn the_placeholder_stands_in_its_place() {
        let rule = "deletion/placeholder";
        let of = |fields: &str| history(&[DELETED, &get(LATER, fields)]);
        let edit = r#"[41..45] alice messages.edit $m1 {"content": "new"} => 400 @error"#;
        let meanwhile = get("[39..51]", r#", "content": "zebra crossing""#);
        assert_states(&[
            (rule, Held, &of("")),
            (rule, Broken, &of(r#", "content": """#)),
            (rule, Broken, &of(r#", "content": "[message deleted]""#)),
            (rule, Undecided, &of(r#", "content": "zebra crossing""#)),
            (rule, Undecided, &of(r#", "content": null"#)),
            (rule, Undecided, &format!("{}\n{edit}", of(r#", "content": "new""#))),
            (rule, NotExercised, &history(&[DELETED, &meanwhile])),
            (rule, NotExercised, &history(&[&DELETED.replace("200 {}", "?"), &meanwhile])),
            (rule, NotExercised, &history(&[&DELETED.replace("200", "403"), &get(LATER, "")])),
        ]);
    }

    #[test]
    fn a_deleted_message_says_so() {
        let rule = "deletion/flags";
        let of = |fields: &str| history(&[DELETED, &get(LATER, fields)]);
        assert_states(&[
            (rule, Held, &of("")),
            (rule, Broken, &of(r#", "is_deleted": false"#)),
            (rule, Broken, &of(r#", "deleted_at": null"#)),
            (rule, NotExercised, &history(&[&get(LATER, r#", "is_deleted": false"#)])),
        ]);
    }

    #[test]
    fn the_old_text_is_gone() {
        let rule = "deletion/text-is-gone";
        let of = |fields: &str| history(&[DELETED, &get(LATER, fields)]);
        let edit = r#"[22..25] alice messages.edit $m1 {"content": "giraffe"} => ?"#;
        let list = |fields: &str| {
            let item = shown(fields);
            let list =
                format!(r#"{LATER} bob messages.list ?room=$r1 => 200 {{"results": [{item}]}}"#);
            history(&[edit, DELETED, &list])
        };
        assert_states(&[
            (rule, Held, &of("")),
            (rule, Broken, &of(r#", "content": "zebra crossing""#)),
            (rule, Broken, &of(r#", "content": "[deleted] zebra crossing""#)),
            (rule, Broken, &of(r#", "original": "zebra crossing""#)),
            (rule, Held, &of(r#", "attachment_name": "zebra crossing""#)),
            (rule, Held, &of(r#", "content": "another placeholder""#)),
            (rule, Held, &list("")),
            (rule, Broken, &list(r#", "content": "giraffe""#)),
            (rule, Broken, &list(r#", "content": "zebra crossing""#)),
        ]);
    }

    #[test]
    fn replies_do_not_quote_it() {
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
