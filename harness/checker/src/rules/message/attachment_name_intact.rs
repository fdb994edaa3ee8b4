//! Checks that the response to a send has the name of the file in `attachment_name`, code point by code
//! point, if the name has other characters than plain ones. Names that are long, or that have characters
//! that some file systems do not accept, are skipped; plain names are checked by `message/attachment`.

use hearback_contract::RequirementId;
use serde_json::Value;

use super::sent_files::{files, is_plain_name};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, quoted, success};
use crate::violation::Violation;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::MessageAttachmentNameIntact, check };

/// Longest name that is checked, in characters.
const LONGEST: usize = 100;

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, _, file) in files(input) {
        if is_plain_name(file.name) || !is_storable_name(file.name) {
            continue;
        }
        let Some(body) = success(call, context) else { continue };
        let Some(name) = member(body, "attachment_name", Value::as_str, context) else { continue };
        context.check(name == file.name, || {
            Violation::new(
                "messages.send attachment_name",
                format!("attachment_name is {}", quoted(file.name)),
                format!("attachment_name is {}", quoted(name)),
            )
            .evidence(call)
        });
    }
}

/// Returns whether every file system that is in use accepts the name.
fn is_storable_name(name: &str) -> bool {
    let is_odd = |letter: char| letter.is_control() || "/\\\"<>:|?*%".contains(letter);
    !name.contains(is_odd)
        && name.chars().count() <= LONGEST
        && !name.starts_with('.')
        && !name.ends_with('.')
        && name.trim() == name
}

#[cfg(test)]
mod tests {
    use crate::rules::message::sent_files::testing::named;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn names_of_any_script_are_kept() {
        const RULE: &str = "message/attachment-name-intact";
        for name in ["Cafe\u{301}.png", "שלום.png", "Bob's photo (1).png", "🦓.png"] {
            assert_states(&[
                (RULE, Held, &named(name, name)),
                (RULE, Broken, &named(name, "file.png")),
            ]);
        }
        for name in ["plain.png", "../a.png", "a\\tb.png", &"é".repeat(101)] {
            assert_states(&[(RULE, NotExercised, &named(name, "file.png"))]);
        }
    }
}
