//! Checks that `attachment_name` is the name of a file, and not a path: for a file that was sent with a
//! separator of paths or a control character in its name, the response has neither.

use hearback_contract::RequirementId;
use serde_json::Value;

use super::sent_files::files;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, quoted, success};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageAttachmentNameSafe, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, _, file) in files(input).filter(|(.., file)| is_unsafe(file.name)) {
        let Some(body) = success(call, context) else { continue };
        let Some(name) = member(body, "attachment_name", Value::as_str, context) else { continue };
        context.check(!is_unsafe(name), || {
            Violation::new(
                "messages.send attachment_name",
                format!("attachment_name for {} is not a path", quoted(file.name)),
                format!("attachment_name is {}", quoted(name)),
            )
            .evidence(call)
        });
    }
}

/// Returns whether a program that saves a file under this name may write elsewhere.
fn is_unsafe(name: &str) -> bool {
    let is_odd = |letter: char| letter.is_control() || "/\\".contains(letter);
    name.contains(is_odd) || matches!(name, "." | "..")
}

#[cfg(test)]
mod tests {
    use crate::rules::message::sent_files::testing::named;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn names_are_not_paths() {
        const RULE: &str = "message/attachment-name-safe";
        assert_states(&[
            (RULE, Held, &named("../../a.png", "a.png")),
            (RULE, Held, &named("../../a.png", "_.._a.png")),
            (RULE, Broken, &named("../../a.png", "../../a.png")),
            (RULE, Broken, &named("a\\\\b.png", "a\\\\b.png")),
            (RULE, NotExercised, &named("a.png", "/a.png")),
        ]);
    }
}
