//! Checks that the `deleted_at` of a message does not change when it is deleted again: reads after a second request are
//! compared with earlier ones of the same operation, since operations may show times with different precision.

use ahash::AHashMap;
use hearback_contract::{MessageRef, Operation, RequirementId};
use hearback_history::Call;
use jiff::Timestamp;

use super::deleted_messages::{Deleted, deleted_messages, reads, violation};
use crate::model::MessageObservation;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::DeletionDeletedAtKept, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let deleted_messages = deleted_messages(input);
    let reads: Vec<_> = reads(input, &deleted_messages)
        .filter(|(_, deleted)| !deleted.again.is_empty() && deleted.edits.is_empty())
        .filter_map(|(observation, deleted)| {
            let key = (deleted.message.id.borrowed(), observation.operation);
            Some((key, observation, deleted, deleted_at(observation)?))
        })
        .collect();
    let mut first: AHashMap<(MessageRef, Option<Operation>), Timestamp> = AHashMap::new();
    for (key, observation, deleted, time) in &reads {
        if deleted.again.iter().all(|again| observation.at.precedes(again.interval())) {
            first.entry(*key).or_insert(*time);
        }
    }
    for (key, observation, deleted, time) in reads {
        let Some(again) = last_before(deleted, observation) else { continue };
        let Some(first) = first.get(&key) else { continue };
        context.check(time == *first, || {
            let expected = format!("deleted_at is {first}, as before the second deletion");
            violation(deleted, observation, "deleted_at", expected, format!("it is {time}"))
                .evidence(again)
        });
    }
}

/// The last further deletion that ended before a read.
fn last_before<'h>(
    deleted: &Deleted<'h>,
    observation: &MessageObservation<'h>,
) -> Option<&'h Call> {
    let earlier = |again: &&&Call| again.interval().precedes(observation.at);
    deleted.again.iter().rfind(earlier).copied()
}

fn deleted_at(observation: &MessageObservation<'_>) -> Option<Timestamp> {
    observation.value.get("deleted_at")?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use crate::rules::deletion::deleted_messages::testing::{DELETED, get, history};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn the_time_of_the_first_deletion_stays() {
        let rule = "deletion/deleted-at-kept";
        let before = get("[50..51]", "");
        let again = |status: &str| format!("[60..61] alice messages.delete $m1 => {status}");
        let after = |time: &str| get("[70..71]", &format!(r#", "deleted_at": "{time}""#));
        let of =
            |status: &str, time: &str| history(&[DELETED, &before, &again(status), &after(time)]);
        let (same, later) = ("2025-10-19T15:00:00Z", "2025-10-19T16:00:00Z");
        assert_states(&[
            (rule, Held, &of("200 {}", same)),
            (rule, Held, &of("404 @error", "2025-10-19T15:00:00.000Z")),
            (rule, Broken, &of("200 {}", later)),
            (rule, Broken, &of("404 @error", later)),
            // Nothing shows the first time.
            (rule, NotExercised, &history(&[DELETED, &again("200 {}"), &after(later)])),
            (rule, NotExercised, &history(&[DELETED, &before, &after(later)])),
        ]);
    }
}
