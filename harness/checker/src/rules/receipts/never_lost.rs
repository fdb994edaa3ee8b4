//! Checks that a reader stays in `read_by` with the same time. Each read is compared with the reads
//! that certainly came before it. Deleted messages are skipped, and a time that changed while the
//! same user marked the message again is left to `receipts/idempotent`.

use std::collections::BTreeMap;

use hearback_contract::{RequirementId, UserId};
use hearback_history::Interval;

use super::message_timeline::timelines;
use crate::model::MessageObservation;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::moment::is_same;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ReceiptsNeverLost, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for timeline in timelines(input, context) {
        // The readers in the reads that certainly came before: the time, and the first such read.
        let mut before: BTreeMap<UserId, (&str, &MessageObservation<'h>)> = BTreeMap::new();
        let mut merged = 0;
        for read in &timeline.reads {
            let at = read.observation.at;
            while timeline.returned(merged) < at.invoked {
                let earlier = &timeline.reads[timeline.by_return[merged]];
                for (user, time) in &earlier.readers {
                    before.entry(*user).or_insert((time, earlier.observation));
                }
                merged += 1;
            }
            // A server may drop the readers of a deleted message.
            if timeline.message.maybe_deleted(at) {
                continue;
            }
            for (user, (time, earlier)) in &before {
                let now = read.readers.get(user);
                let is_kept = now.is_some_and(|now| is_same(time, now));
                // A time that a second mark changed is left to receipts/idempotent.
                let reader = timeline.room.read_state.marks_of(*user);
                let between = Interval { invoked: earlier.at.invoked, ..at };
                let is_marked = reader.is_some_and(|reader| reader.attempts.overlaps(between));
                if now.is_some() && !is_kept && is_marked {
                    continue;
                }
                context.check(is_kept, || {
                    let (variant, actual) = match now {
                        Some(now) => ("another time", format!("is a reader since {now}")),
                        None => ("lost", "is not a reader any more".to_owned()),
                    };
                    Violation::new(
                        format!("read_by {variant} in {}", read.observation.place()),
                        format!("user {user} is still a reader since {time}"),
                        format!("user {user} {actual}"),
                    )
                    .evidence(earlier.evidence)
                    .evidence(read.observation.evidence)
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::receipts::readers::testing::{MARKED, get, history};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn readers_stay_readers() {
        let rule = "receipts/never-lost";
        let first = get("bob", "[50..60]", &[(2, 1)], "");
        let then = |times: &str, readers: &[(i64, u32)]| {
            history(&[MARKED, &first, &get("carol", times, readers, "")])
        };
        let fine = then("[70..71]", &[(2, 1)]).replace("14:31:01Z", "14:31:01.000Z");
        let deleted = format!("{}\n[65..66] alice messages.delete $m1 => ?", then("[70..71]", &[]));
        let again =
            format!("{}\n[61..62] bob rooms.mark_read $r1 => ?", then("[70..71]", &[(2, 9)]));
        assert_states(&[
            (rule, Held, &then("[70..71]", &[(2, 1), (3, 5)])),
            (rule, Held, &fine),
            (rule, Broken, &then("[70..71]", &[])),
            (rule, Broken, &then("[70..71]", &[(3, 1)])),
            (rule, Broken, &then("[70..71]", &[(2, 9)])),
            (rule, NotExercised, &then("[55..71]", &[])),
            (rule, NotExercised, &deleted),
            (rule, NotExercised, &again),
        ]);
    }
}
