//! Checks that every read after a deletion has the documented placeholder as content and
//! `is_deleted` true: one sentence of the specification sets both. If the old text is still there,
//! or a later edit is, that is left to `deletion/text-is-gone` and `deletion/stays-deleted`.

use hearback_contract::RequirementId;
use serde_json::Value;

use super::deleted_messages::{deleted_messages, reads, violation};
use crate::model::DELETED_CONTENT;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, quoted};

pub(super) const RULE: Rule = Rule { requirement: RequirementId::DeletionPlaceholder, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (observation, deleted) in reads(input, &deleted_messages(input)) {
        let Some(content) = member(observation.value, "content", Value::as_str, context) else {
            continue;
        };
        if deleted.is_edited_back(observation) {
            context.inconclusive(Reason::Violates(RequirementId::DeletionStaysDeleted));
        } else if deleted.shows_old(content) {
            context.inconclusive(Reason::Violates(RequirementId::DeletionTextIsGone));
        } else {
            context.check(content == DELETED_CONTENT, || {
                let expected = format!("content is {}", quoted(DELETED_CONTENT));
                let actual = format!("content is {}", quoted(content));
                violation(deleted, observation, "content", expected, actual)
            });
            let flag = member(observation.value, "is_deleted", Value::as_bool, context);
            context.check(flag != Some(false), || {
                let expected = "is_deleted is true".to_owned();
                violation(deleted, observation, "is_deleted", expected, "it is false".to_owned())
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::deletion::deleted_messages::testing::{DELETED, get, history};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const LATER: &str = "[50..51]";

    #[test]
    fn the_content_is_the_placeholder() {
        let rule = "deletion/placeholder";
        let of = |fields: &str| history(&[DELETED, &get(LATER, fields)]);
        let edit = r#"[41..45] alice messages.edit $m1 {"content": "new"} => 400 @error"#;
        let meanwhile = get("[39..51]", r#", "content": "zebra crossing""#);
        assert_states(&[
            (rule, Held, &of("")),
            (rule, Broken, &of(r#", "content": """#)),
            (rule, Broken, &of(r#", "is_deleted": false"#)),
            (rule, Broken, &of(r#", "content": "[message deleted]""#)),
            (rule, Undecided, &of(r#", "content": "zebra crossing""#)),
            (rule, Undecided, &of(r#", "content": null"#)),
            (rule, Undecided, &format!("{}\n{edit}", of(r#", "content": "new""#))),
            (rule, NotExercised, &history(&[DELETED, &meanwhile])),
            (rule, NotExercised, &history(&[&DELETED.replace("200 {}", "?"), &meanwhile])),
            (rule, NotExercised, &history(&[&DELETED.replace("200", "403"), &get(LATER, "")])),
        ]);
    }
}
