//! Checks that `attachment` and `attachment_size` are null in every REST read of a message without
//! a file.

use hearback_contract::RequirementId;

use super::observed_field::is_plain;
use crate::model::Transport;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, shown};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageNoAttachment, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (observation, message) in input.model.recognized() {
        if observation.transport != Transport::Rest || !is_plain(message) {
            continue;
        }
        for field in ["attachment", "attachment_size"] {
            let Some(value) = member(observation.value, field, Some, context) else { continue };
            context.check(value.is_null(), || {
                Violation::new(
                    format!("{field} in {}", observation.place()),
                    format!("{field} of a message without a file is null"),
                    format!("{field} is {}", shown(value)),
                )
                .member(field)
                .evidence(message.origin)
                .evidence(observation.evidence)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::message::sent_files::testing::{message, send};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    const ROOM: &str = r#"alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}"#;

    #[test]
    fn messages_without_a_file_have_no_attachment() {
        let plain = |fields: &str| {
            format!(
                r#"{ROOM}
                alice messages.send {{"room": "$r1", "content": "a"}} => 201 @message {{"id": "$m1"{fields}}}"#
            )
        };
        assert_states(&[
            ("message/no-attachment", Held, &plain("")),
            ("message/no-attachment", Broken, &plain(r#", "attachment": "/media/1""#)),
            ("message/no-attachment", Broken, &plain(r#", "attachment_size": 0"#)),
            ("message/no-attachment", NotExercised, &send("image/png", &message(""))),
        ]);
    }
}
