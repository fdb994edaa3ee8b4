//! `created_at` never runs against the order in which messages were sent.
//!
//! A message that was sent after another of the room was acknowledged must not have an earlier
//! `created_at`. Times are compared as precisely as the coarser of the two was written. The first
//! observation of each message counts; the rule abstains if its `created_at` cannot be read.

use ahash::AHashMap;
use hearback_contract::{MessageRef, RequirementId};
use serde_json::Value;

use crate::evidence::Evidence;
use crate::model::{Message, MessageObservation};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::moment::Moment;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::OrderCreatedAt, check };

/// A message and its `created_at` in the first observation.
#[derive(Clone, Copy)]
struct Creation<'h> {
    message: &'h Message<'h>,
    observation: &'h MessageObservation<'h>,
    text: &'h str,
    moment: Moment,
}

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut creations: AHashMap<MessageRef<'_>, Creation<'h>> = AHashMap::new();
    for (observation, message) in input.model.recognized() {
        if creations.contains_key(&message.id.borrowed()) {
            continue;
        }
        let text = observation.value.get("created_at").and_then(Value::as_str);
        let Some((text, moment)) = text.and_then(|text| Some((text, Moment::parse(text)?))) else {
            context.inconclusive(Reason::SchemaBroken("created_at".into()));
            continue;
        };
        creations.insert(message.id.borrowed(), Creation { message, observation, text, moment });
    }
    for room in input.model.rooms.values() {
        let sent: Vec<_> =
            room.messages.iter().filter_map(|id| creations.get(&id.borrowed())).collect();
        let mut acknowledged = sent.clone();
        acknowledged.sort_by_key(|creation| creation.message.sent.returned);
        let mut acknowledged = acknowledged.into_iter().peekable();
        let mut latest: Option<&Creation<'h>> = None;
        for later in sent {
            let is_earlier = |it: &&Creation<'h>| it.message.sent.precedes(later.message.sent);
            while let Some(earlier) = acknowledged.next_if(is_earlier) {
                let is_later =
                    |latest: &Creation<'h>| earlier.moment.compare(latest.moment).is_gt();
                if latest.is_none_or(is_later) {
                    latest = Some(earlier);
                }
            }
            let Some(earlier) = latest else { continue };
            context.check(later.moment.compare(earlier.moment).is_ge(), || {
                Violation::new(
                    "created_at runs backwards",
                    format!("a message sent after one of {} is not created before", earlier.text),
                    format!("created_at is {}", later.text),
                )
                .magnitude(earlier.moment.microseconds_since(later.moment))
                .evidence(Evidence::from(earlier.message.origin))
                .evidence(earlier.observation.evidence)
                .evidence(Evidence::from(later.message.origin))
                .evidence(later.observation.evidence)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{assert_states, verdict_of};
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn created_at_does_not_run_backwards() {
        const RULE: &str = "order/created-at";
        let sends = |sends: &[(&str, &str)]| {
            let sends: Vec<_> = sends
                .iter()
                .zip(1..)
                .map(|((at, time), number)| {
                    format!(
                        r#"{at} alice messages.send {{"room": "$r1", "content": "{number}"}} => 201 @message {{"id": "$m{number}", "created_at": "{time}"}}"#
                    )
                })
                .collect();
            format!(
                "[1..2] alice rooms.create {{\"room_type\": \"group\"}} => 201 @room {{\"id\": \"$r1\"}}\n{}",
                sends.join("\n")
            )
        };
        const ONE: &str = "2026-01-01T00:00:01Z";
        const TWO: &str = "2026-01-01T00:00:02Z";
        assert_states(&[
            (RULE, Held, &sends(&[("[10..20]", ONE), ("[30..40]", TWO)])),
            (RULE, Held, &sends(&[("[10..20]", ONE), ("[30..40]", ONE)])),
            (RULE, Broken, &sends(&[("[10..20]", TWO), ("[30..40]", ONE)])),
            (RULE, Held, &sends(&[("[10..20]", "2026-01-01T00:00:01.5Z"), ("[30..40]", ONE)])),
            (RULE, NotExercised, &sends(&[("[10..20]", TWO), ("[20..40]", ONE)])),
            (RULE, Undecided, &sends(&[("[10..20]", "soon"), ("[30..40]", ONE)])),
            // The latest of all earlier messages counts, not the last.
            (RULE, Broken, &sends(&[("[10..60]", ONE), ("[15..20]", TWO), ("[61..62]", ONE)])),
        ]);
    }

    #[test]
    fn the_largest_difference_is_shown() {
        let send = |at: &str, number: u8, time: &str| {
            format!(
                r#"{at} alice messages.send {{"room": "$r1", "content": "{number}"}} => 201 @message {{"id": "$m{number}", "created_at": "{time}"}}"#
            )
        };
        let history = [
            r#"[1..2] alice rooms.create {"room_type": "group"} => 201 @room {"id": "$r1"}"#
                .to_owned(),
            send("[10..20]", 1, "2026-01-01T00:00:05.009Z"),
            send("[30..40]", 2, "2026-01-01T00:00:05.000Z"),
            send("[50..60]", 3, "2026-01-01T00:00:02.000Z"),
        ];
        let verdict = verdict_of("order/created-at", &history.join("\n"));
        let finding = &verdict.findings[0];
        assert_eq!((finding.count, finding.magnitude), (2, 3_009_000));
        assert_eq!(finding.actual, "created_at is 2026-01-01T00:00:02.000Z");
    }
}
