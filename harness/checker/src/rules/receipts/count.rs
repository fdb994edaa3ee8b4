//! Checks that `read_count` is the number of entries in `read_by` of the same message. If the
//! sender is an entry, the count may include or omit the sender, because the specification does not
//! say whether senders count.

use hearback_contract::RequirementId;
use serde_json::Value;

use super::readers::{readers, reads};
use crate::model::WriteKind;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::member;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ReceiptsCount, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (observation, message) in reads(input) {
        let readers = member(observation.value, "read_by", readers, context);
        let count = member(observation.value, "read_count", Value::as_u64, context);
        let (Some(readers), Some(count)) = (readers, count) else { continue };
        let sender = input.model.user_id(&message.sender);
        // A sender among the readers may count or not.
        let has_sender = sender.is_some_and(|sender| readers.contains_key(&sender));
        let all = readers.len() as u64;
        let holds = count == all || has_sender && count + 1 == all;
        // A server may count the readers before a mark, and list them after it.
        let room = input.model.rooms.get(&message.room);
        let is_quiet = |room| input.model.is_quiet(room, &[WriteKind::Read], observation.at);
        if !holds && !room.is_some_and(is_quiet) {
            context.inconclusive(Reason::ConcurrentWrites);
            continue;
        }
        context.check(holds, || {
            Violation::new(
                format!("read_count in {}", observation.place()),
                format!("`read_count` is {all}, the number of readers in `read_by`"),
                format!("it is {count}"),
            )
            .magnitude(count.abs_diff(all))
            .evidence(message.origin)
            .evidence(observation.evidence)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::receipts::readers::testing::{get, history};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held};

    #[test]
    fn the_count_is_the_number_of_readers() {
        let rule = "receipts/count";
        let shown = |readers: &[(i64, u32)], count: u32| {
            let fields = format!(r#", "read_count": {count}"#);
            history(&[&get("bob", "[50..51]", readers, &fields)])
        };
        assert_states(&[
            (rule, Held, &shown(&[(2, 0), (3, 0)], 2)),
            (rule, Broken, &shown(&[(2, 0), (3, 0)], 1)),
            (rule, Broken, &shown(&[], 1)),
            (rule, Held, &shown(&[(1, 0), (3, 0)], 1)),
            (rule, Held, &shown(&[(1, 0), (3, 0)], 2)),
            (rule, Broken, &shown(&[(1, 0), (3, 0)], 0)),
        ]);
        let marked = |at: &str| {
            let get = get("bob", "[50..60]", &[(2, 0), (3, 0)], r#", "read_count": 1"#);
            history(&[&get, &format!("{at} carol messages.mark_read $m1 => 200 {{}}")])
        };
        assert_states(&[(rule, Held, &marked("[55..57]")), (rule, Broken, &marked("[61..62]"))]);
    }
}
