//! Checks that a file can be sent, and that the response has a URL in `attachment`, the name of the
//! file and its size. A rejection is a violation only if the file is a small picture with a plain
//! name, because a server may restrict the types of files (attachment-types), and nothing else in
//! the request may be the reason.

use std::ops::RangeInclusive;

use hearback_contract::{Operation, RequirementId};
use hearback_history::Call;
use serde_json::Value;

use super::requests::requested;
use super::sent_files::{files, is_plain_name};
use super::well_formed_sends::is_ordinary;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, quoted, refusal, shown, success};
use crate::rules::text::ORDINARY_LENGTH;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageAttachment, check };

/// Maximum size of a small file, in characters of base64.
pub(super) const SMALL: usize = 64 * 1024;

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, _, file) in files(input) {
        let Some(body) = success(call, context) else { continue };
        let violation = |field: &str, expected: String, actual: &Value| {
            Violation::new(
                format!("messages.send {field}"),
                format!("{field} is {expected}"),
                format!("{field} is {}", shown(actual)),
            )
            .evidence(call)
        };
        let text = |value: &'h Value| (value.is_null() || value.is_string()).then_some(value);
        if let Some(url) = member(body, "attachment", text, context) {
            let is_set = url.as_str().is_some_and(|url| !url.is_empty());
            context.check(is_set, || violation("attachment", "set".to_owned(), url));
        }
        if let Some(name) = member(body, "attachment_name", text, context) {
            let expected = || violation("attachment_name", quoted(file.name), name);
            // Other names are left to `message/attachment-name-intact` and `message/attachment-name-safe`.
            context.check(name == file.name || !is_plain_name(file.name), expected);
        }
        let number = |value: &'h Value| (value.is_null() || value.is_u64()).then_some(value);
        if let Some(size) = member(body, "attachment_size", number, context) {
            let bytes = file.bytes.len();
            let expected = || violation("attachment_size", format!("{bytes} bytes"), size);
            context.check(size.as_u64() == Some(bytes as u64), expected);
        }
    }
    for call in input.history.calls_of(Operation::MessagesSend).filter(|call| call.refused()) {
        if call.status() != Some(401) && is_ordinary_picture(input, call, 1..=SMALL) {
            context.check(false, || {
                let variant = format!(
                    "messages.send with a picture answers {}",
                    call.status().unwrap_or_default()
                );
                Violation::new(variant, "a picture can be sent", refusal(call)).evidence(call)
            });
        }
    }
}

/// Returns whether the send is of a picture that no server has a reason to reject, unless for its size. `sizes` are
/// numbers of characters of base64.
pub(super) fn is_ordinary_picture<'h>(
    input: RuleInput<'h>,
    call: &'h Call,
    sizes: RangeInclusive<usize>,
) -> bool {
    let part = |name| requested(call, "attachment").and_then(|file| file.get(name)?.as_str());
    let content = requested(call, "content").and_then(Value::as_str).unwrap_or_default();
    part("name").is_some_and(is_plain_name)
        && part("content_type").is_some_and(|kind| matches!(kind, "image/png" | "image/jpeg"))
        && part("base64").is_some_and(|text| sizes.contains(&text.len()))
        && content.chars().count() <= ORDINARY_LENGTH
        && requested(call, "message_type").is_none()
        && is_ordinary(input, call, content)
}

#[cfg(test)]
mod tests {
    use crate::rules::message::sent_files::testing::{message, send};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn the_response_has_name_and_size() {
        let answers = [
            (Held, message("")),
            (Broken, message(r#", "attachment": null"#)),
            (Broken, message(r#", "attachment_name": "b.png""#)),
            (Broken, message(r#", "attachment_size": 4"#)),
            (
                Undecided,
                message(
                    r#", "attachment": "$absent", "attachment_name": "$absent", "attachment_size": "3""#,
                ),
            ),
            (Broken, "400 @error".to_owned()),
            (NotExercised, "?".to_owned()),
        ];
        for (state, answer) in answers {
            assert_states(&[("message/attachment", state, &send("image/png", &answer))]);
        }
    }

    #[test]
    fn other_types_of_files_may_be_refused() {
        for (state, answer) in
            [(NotExercised, "400 @error"), (NotExercised, "415 @error"), (Held, &message(""))]
        {
            assert_states(&[("message/attachment", state, &send("text/plain", answer))]);
        }
    }
}
