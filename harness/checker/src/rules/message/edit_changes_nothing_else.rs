//! Checks that an edit changes nothing but the content and the edit flags. The response is compared
//! with the first read that certainly came before the edit, and so is the first read after it. It abstains if other
//! requests may have changed the message meanwhile.

use ahash::AHashMap;
use hearback_contract::{MessageRef, RequirementId};

use super::field_comparison::{is_same, part};
use super::successful_edits::edits;
use crate::model::{MessageObservation, Transport};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::shown;
use crate::violation::Violation;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::MessageEditChangesNothingElse, check };

/// The fields that an edit keeps.
const KEPT: [&str; 8] = [
    "id",
    "room",
    "sender",
    "message_type",
    "reply_to",
    "created_at",
    "is_deleted",
    "attachment_name",
];

/// The fields that a later view keeps, whatever else happened.
const KEPT_LATER: [&str; 6] =
    ["id", "room", "sender", "message_type", "created_at", "attachment_name"];

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut first: AHashMap<MessageRef<'_>, &MessageObservation<'h>> = AHashMap::new();
    let mut of_edited: AHashMap<MessageRef<'_>, Vec<&MessageObservation<'h>>> = AHashMap::new();
    for (observation, message) in input.model.recognized() {
        if observation.transport == Transport::Rest {
            first.entry(message.id.borrowed()).or_insert(observation);
            if message.versions.len() > 1 && !message.maybe_deleted(observation.at) {
                of_edited.entry(message.id.borrowed()).or_default().push(observation);
            }
        }
    }
    for (call, message, body) in edits(input, context) {
        let before = first.get(&message.id.borrowed());
        let Some(before) = before.filter(|before| before.at.precedes(call.interval())) else {
            continue;
        };
        for field in KEPT {
            let values = part(before.value, field).zip(part(body, field));
            let Some((earlier, later)) = values else { continue };
            context.check(is_same(field, earlier, later), || {
                Violation::new(
                    format!("messages.edit {field}"),
                    format!("{field} is still {}", shown(earlier)),
                    format!("{field} is {}", shown(later)),
                )
                .member(field)
                .evidence(before.evidence)
                .evidence(call)
            });
        }
        let mut views = of_edited.get(&message.id.borrowed()).into_iter().flatten();
        let Some(after) = views.find(|view| call.interval().precedes(view.at)) else { continue };
        for field in KEPT_LATER {
            let values = part(before.value, field).zip(part(after.value, field));
            let Some((earlier, later)) = values else { continue };
            context.check(is_same(field, earlier, later), || {
                Violation::new(
                    format!("{field} after messages.edit"),
                    format!("{field} is still {}", shown(earlier)),
                    format!("{field} is {}", shown(later)),
                )
                .member(field)
                .evidence(before.evidence)
                .evidence(call)
                .evidence(after.evidence)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::message::successful_edits::testing::edit;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, Undecided};

    const VIEW: &str =
        r#"[40..41] bob messages.get $m1 => 200 @message {"id": "$m1", "room": "$r1"}"#;

    #[test]
    fn other_fields_are_kept() {
        let rule = "message/edit-changes-nothing-else";
        assert_states(&[
            (rule, Held, &edit("", "")),
            (rule, Held, &edit(r#", "created_at": "2025-10-19T14:30:00.000+00:00""#, "")),
            (rule, Broken, &edit(r#", "created_at": "2025-10-19T14:30:01Z""#, "")),
            (rule, Broken, &edit(r#", "sender": {"id": 2}"#, "")),
            (rule, Broken, &edit(r#", "is_deleted": true"#, "")),
            (rule, Held, &edit("", VIEW)),
            (rule, Broken, &edit("", &VIEW.replace(r#""$r1""#, r#""$r1", "sender": {"id": 2}"#))),
            (
                rule,
                Undecided,
                &edit(r#", "is_deleted": true"#, "[25..26] bob messages.delete $m1 => ?"),
            ),
        ]);
    }
}
