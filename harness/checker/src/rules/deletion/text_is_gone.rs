//! Rule `deletion/text-is-gone`.

use hearback_contract::{Operation, RequirementId, schemas};
use serde_json::{Map, Value};

use super::deleted_messages::{Deleted, graveyard, sights, violation};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::shown;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::DeletionTextIsGone, check };

/// Other fields than the content may hold a text of fewer bytes for other reasons.
const UNMISTAKABLE: usize = 12;

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
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
