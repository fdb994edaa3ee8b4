//! Checks that a second mark of the same message changes nothing. Compares the last read before a
//! successful mark by a user who already was a reader with the first read after it: the time of
//! that user must be the same, and, if nothing else was marked in between, so must the readers and
//! `read_count`. A reader who disappeared is left to `receipts/never-lost`.

use hearback_contract::RequirementId;
use hearback_history::Interval;
use serde_json::Value;

use super::message_timeline::{Read, timelines};
use crate::model::{MessageObservation, WriteKind};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::moment::is_same;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ReceiptsIdempotent, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for timeline in timelines(input, context) {
        for receipt in timeline.message.receipts.iter().filter(|receipt| receipt.is_sure) {
            let reads = timeline.before(receipt.given).zip(timeline.after(receipt.given));
            let Some((before, after)) = reads else { continue };
            let Some(since) = before.readers.get(&receipt.user) else { continue };
            let (one, other) = (before.observation, after.observation);
            if timeline.message.maybe_deleted(other.at) {
                continue;
            }
            // The time must be the same whatever else was marked in between. A lost reader is left to
            // receipts/never-lost.
            let now = after.readers.get(&receipt.user);
            let same_time = now.is_none_or(|now| is_same(since, now));
            let span = Interval { invoked: one.at.invoked, returned: other.at.returned };
            let is_alone = timeline.room.writes(WriteKind::Read).count_overlapping(span) == 1;
            let count = |observation: &MessageObservation<'h>| {
                observation.value.get("read_count").and_then(Value::as_u64)
            };
            let same_readers = before.readers.keys().eq(after.readers.keys());
            let counts = count(one).zip(count(other));
            let same_count = counts.is_none_or(|(one, other)| one == other);
            let holds = same_time && (!is_alone || same_readers && same_count);
            context.check(holds, || {
                let shown = |read: &Read<'h>| {
                    let count = count(read.observation).unwrap_or_default();
                    format!("{:?} and `read_count` {count}", read.readers)
                };
                Violation::new(
                    "a second mark",
                    format!("`read_by` is still {}", shown(before)),
                    format!("it is {} after user {} marked it again", shown(after), receipt.user),
                )
                .evidence(one.evidence)
                .evidence(receipt.evidence)
                .evidence(other.evidence)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::receipts::readers::testing::{MARKED, get, history};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn a_second_mark_changes_nothing() {
        let rule = "receipts/idempotent";
        let before = get("bob", "[50..60]", &[(2, 1)], "");
        let again = "[70..75] bob messages.mark_read $m1 => 200 {}";
        let then = |readers: &[(i64, u32)], fields: &str| {
            history(&[MARKED, &before, again, &get("carol", "[80..81]", readers, fields)])
        };
        let meanwhile = "[62..64] carol rooms.mark_read $r1 => 200 {}";
        assert_states(&[
            (rule, Held, &then(&[(2, 1)], "")),
            (rule, Broken, &then(&[(2, 2)], "")),
            (rule, Broken, &then(&[(2, 1)], r#", "read_count": 2"#)),
            (rule, Broken, &then(&[], "")),
            (rule, Held, &format!("{}\n{meanwhile}", then(&[(2, 1), (3, 1)], ""))),
            (rule, Broken, &format!("{}\n{meanwhile}", then(&[(2, 2), (3, 1)], ""))),
            (rule, NotExercised, &history(&[MARKED, &before])),
            (rule, NotExercised, &history(&[&get("bob", "[25..26]", &[], ""), MARKED, &before])),
        ]);
    }
}
