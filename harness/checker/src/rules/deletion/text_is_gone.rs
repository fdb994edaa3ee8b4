//! Checks that `messages.get` and `messages.list` show the old text of a deleted message in no
//! field. In `content` any old text counts, alone or inside of another text. Of the other fields
//! only those count that the documented model does not have, and only with a text long enough not
//! to appear by chance.

use hearback_contract::{Operation, RequirementId, schemas};
use serde_json::{Map, Value};

use super::deleted_messages::{Deleted, deleted_messages, reads, violation};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::shown;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::DeletionTextIsGone, check };

/// Other fields than `content` may contain shorter texts for other reasons.
const UNMISTAKABLE: usize = 12;

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let model = schemas::model("chat_message").and_then(|it| it.json["properties"].as_object());
    for (observation, deleted) in reads(input, &deleted_messages(input)) {
        let is_read =
            matches!(observation.operation, Some(Operation::MessagesGet | Operation::MessagesList));
        let Some(object) = observation.value.as_object().filter(|_| is_read) else { continue };
        if deleted.is_edited_back(observation) || deleted.old_texts().next().is_none() {
            continue;
        }
        let revealed = field_with_old_text(deleted, object, model);
        context.check(revealed.is_none(), || {
            let (field, value) = revealed.unwrap_or(("content", &Value::Null));
            let expected = "a deleted message does not contain its old text".to_owned();
            violation(deleted, observation, field, expected, format!("{field} is {}", shown(value)))
        });
    }
}

/// Returns the field that shows an old text, if there is one: `content`, or a field that the documented
/// model does not have.
fn field_with_old_text<'v>(
    deleted: &Deleted<'_>,
    object: &'v Map<String, Value>,
    model: Option<&Map<String, Value>>,
) -> Option<(&'v str, &'v Value)> {
    let reveals = |(field, value): &(&'v str, &'v Value)| {
        let is_of_model = model.is_some_and(|model| model.contains_key(*field));
        match value.as_str() {
            Some(text) if *field == "content" => deleted.shows_old(text),
            Some(text) if !is_of_model => {
                deleted.old_texts().any(|old| old.len() >= UNMISTAKABLE && text.contains(old))
            }
            _ => false,
        }
    };
    object.iter().map(|(field, value)| (field.as_str(), value)).find(reveals)
}

#[cfg(test)]
mod tests {
    use crate::rules::deletion::deleted_messages::testing::{DELETED, get, history, shown};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held};

    const LATER: &str = "[50..51]";

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
}
