//! Checks that a deletion keeps `room`, `sender` and `created_at`. The values in every read after
//! the deletion are compared with the first read that certainly came before it; no other operation
//! changes these fields. Messages that no read showed before the deletion are skipped.

use ahash::AHashMap;
use hearback_contract::{MessageRef, RequirementId};

use super::deleted_messages::{deleted_messages, reads};
use crate::model::{MessageObservation, Transport};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::shown;
use crate::rules::message::field_comparison::{is_same, part};
use crate::violation::Violation;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::DeletionChangesNothingElse, check };

/// The fields that a deletion keeps.
const KEPT: [&str; 3] = ["room", "sender", "created_at"];

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let deleted_messages = deleted_messages(input);
    let mut first: AHashMap<MessageRef<'_>, &MessageObservation<'h>> = AHashMap::new();
    for observation in input.model.observations.iter().filter(|it| it.transport == Transport::Rest)
    {
        let deleted = observation.id().and_then(|id| deleted_messages.get_key_value(&id));
        if let Some((id, deleted)) = deleted
            && !deleted.message.maybe_deleted(observation.at)
        {
            first.entry(*id).or_insert(observation);
        }
    }
    for (observation, deleted) in reads(input, &deleted_messages) {
        let Some(before) = first.get(&deleted.message.id.borrowed()) else { continue };
        for field in KEPT {
            let values = part(before.value, field).zip(part(observation.value, field));
            let Some((earlier, later)) = values else {
                context.inconclusive(Reason::SchemaBroken(field.into()));
                continue;
            };
            context.check(is_same(field, earlier, later), || {
                Violation::new(
                    format!("{field} in {}", observation.place()),
                    format!("{field} is still {}", shown(earlier)),
                    format!("{field} is {}", shown(later)),
                )
                .member(field)
                .evidence(before.evidence)
                .evidence(deleted.call)
                .evidence(observation.evidence)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::deletion::deleted_messages::testing::{DELETED, get, history};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn the_other_fields_are_kept() {
        let rule = "deletion/changes-nothing-else";
        let later = |fields: &str| history(&[DELETED, &get("[50..51]", fields)]);
        assert_states(&[
            (rule, Held, &later("")),
            (rule, Held, &later(r#", "created_at": "2025-10-19T14:30:00.000+00:00""#)),
            (rule, Broken, &later(r#", "created_at": "2025-10-19T15:00:00Z""#)),
            (rule, Broken, &later(r#", "sender": {"id": 2}"#)),
            (rule, Broken, &later(r#", "room": "$r2""#)),
            (rule, NotExercised, &history(&[DELETED])),
            (
                rule,
                NotExercised,
                &later(r#", "room": "$r2""#).replace("[30..40] alice", "[15..40] alice"),
            ),
        ]);
    }
}
