//! Checks that after several edits of a message, which may have taken effect in any order if they overlapped, all
//! later reads show the same content. Contents that no user wrote are left to `message/content-intact`, and
//! messages that may be deleted are skipped.

use ahash::AHashMap;
use hearback_contract::{MessageRef, RequirementId};
use hearback_history::Interval;

use crate::model::{Message, MessageObservation, Transport};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::quoted;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageEditsSettle, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let edited: AHashMap<MessageRef<'h>, Vec<Interval>> = input
        .model
        .messages
        .values()
        .filter(|message| !input.model.is_ambiguous(message))
        .map(|message| (message.id.borrowed(), edits(message)))
        .filter(|(_, edits)| edits.len() > 1)
        .collect();
    if edited.is_empty() {
        return;
    }
    let mut first: AHashMap<MessageRef<'h>, &MessageObservation<'h>> = AHashMap::new();
    for (observation, message) in input.model.recognized() {
        let id = message.id.borrowed();
        let is_read = observation.transport == Transport::Rest
            && edited
                .get(&id)
                .is_some_and(|edits| edits.iter().all(|it| it.precedes(observation.at)));
        let Some(content) = observation.content().filter(|_| is_read) else { continue };
        let is_known = message.contents(observation.at).any(|version| version == content);
        if !is_known || message.maybe_deleted(observation.at) {
            continue;
        }
        let Some(earlier) = first.get(&id) else {
            first.insert(id, observation);
            continue;
        };
        let settled = earlier.content().unwrap_or_default();
        context.check(content == settled, || {
            Violation::new(
                format!("content in {} after simultaneous edits", observation.place()),
                format!("all reads show one of the contents, such as {}", quoted(settled)),
                format!("{} shows {}", observation.place(), quoted(content)),
            )
            .evidence(message.origin)
            .evidence(earlier.evidence)
            .evidence(observation.evidence)
        });
    }
}

/// The times of all edits of a message.
fn edits(message: &Message<'_>) -> Vec<Interval> {
    message.versions.iter().skip(1).map(|version| version.written).collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::message::observed_field::testing::after;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn reads_after_simultaneous_edits_agree() {
        const RULE: &str = "message/edits-settle";
        let history = |second: &str, reads: [&str; 2]| {
            let read = |at: &str, content: &str| {
                format!(
                    r#"[{at}] bob messages.get $m1 => 200 @message {{"id": "$m1", "content": "{content}"}}"#
                )
            };
            let edit = |at: &str, content: &str| {
                format!(
                    r#"[{at}] alice messages.edit $m1 {{"content": "{content}"}} => 200 @message {{"id": "$m1", "content": "{content}"}}"#
                )
            };
            let lines = [
                edit("20..30", "b"),
                edit(second, "c"),
                read("60..61", reads[0]),
                read("70..71", reads[1]),
            ];
            after(&lines.join("\n"))
        };
        assert_states(&[
            (RULE, Held, &history("25..35", ["b", "b"])),
            (RULE, Held, &history("25..35", ["c", "c"])),
            (RULE, Broken, &history("25..35", ["b", "c"])),
            (RULE, NotExercised, &history("25..35", ["b", "something else"])),
            (RULE, Held, &history("40..45", ["c", "c"])),
            (RULE, NotExercised, &history("25..65", ["b", "c"])),
        ]);
    }
}
