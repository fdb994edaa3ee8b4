//! Checks that a message with a file has `message_type` `image` if the file is an image, and `file`
//! otherwise. Messages with a requested type are skipped.

use hearback_contract::RequirementId;
use serde_json::Value;

use super::sent_files::files;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, quoted, success};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageAttachmentType, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, message, file) in files(input) {
        if message.message_type.is_some() {
            continue;
        }
        let Some(body) = success(call, context) else { continue };
        let Some(kind) = member(body, "message_type", Value::as_str, context) else { continue };
        let is_image = file.content_type.to_ascii_lowercase().starts_with("image/");
        let expected = if is_image { "image" } else { "file" };
        context.check(kind == expected, || {
            Violation::new(
                format!("messages.send message_type of {expected}"),
                format!("message_type is {expected} for {}", quoted(file.content_type)),
                format!("message_type is {}", quoted(kind)),
            )
            .evidence(call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::message::sent_files::testing::{message, send};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held};

    #[test]
    fn images_and_other_files_have_their_types() {
        let image = message("");
        let file = message(r#", "message_type": "file""#);
        assert_states(&[
            ("message/attachment-type", Held, &send("image/png", &image)),
            ("message/attachment-type", Broken, &send("image/png", &file)),
            ("message/attachment-type", Held, &send("application/pdf", &file)),
            ("message/attachment-type", Broken, &send("application/pdf", &image)),
        ]);
    }
}
