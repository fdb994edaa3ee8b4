//! Messages of different senders are received in the order of time.
//!
//! A message that was sent after another was acknowledged must not be received before it: the first
//! existed when the second was written. Messages of the same sender belong to order/per-sender, and
//! concurrent sends may be received in any order.

use hearback_contract::RequirementId;
use hearback_history::Nanoseconds;

use super::overtaking::{Arrival, arrivals, check_overtaking};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::OrderRealTime, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for stream in input.model.streams() {
        // The newest messages of two senders are enough: one of them is not the sender in question.
        let mut newest: [Option<Arrival<'h>>; 2] = [None; 2];
        let mut acknowledged: [Option<(&str, Nanoseconds)>; 2] = [None; 2];
        for arrival in arrivals(input, stream) {
            let (sender, sent) = (arrival.message.sender.as_str(), arrival.message.sent);
            let other =
                newest.into_iter().flatten().find(|it| it.message.sender.as_str() != sender);
            let overtaking = other.filter(|it| sent.returned < it.message.sent.invoked);
            let first = acknowledged.into_iter().flatten().find(|(other, _)| *other != sender);
            let is_ordered = first.is_some_and(|(_, returned)| returned < sent.invoked);
            keep_two(
                &mut newest,
                arrival,
                |it| it.message.sender.as_str(),
                |it| Nanoseconds::MAX - it.message.sent.invoked,
            );
            keep_two(&mut acknowledged, (sender, sent.returned), |it| it.0, |it| it.1);
            check_overtaking(stream, arrival, overtaking, is_ordered, "messages", context);
        }
    }
}

/// Keeps the two with the lowest rank of all offered values with different names.
fn keep_two<'h, T: Copy>(
    kept: &mut [Option<T>; 2],
    offered: T,
    name: impl Fn(&T) -> &'h str,
    rank: impl Fn(&T) -> Nanoseconds,
) {
    let [first, second] = *kept;
    let is_lower = |kept: Option<T>| kept.is_none_or(|kept| rank(&offered) < rank(&kept));
    let has_name = |kept: Option<T>| kept.is_some_and(|kept| name(&kept) == name(&offered));
    if is_lower(first) {
        *kept = [Some(offered), if has_name(first) { second } else { first }];
    } else if !has_name(first) && is_lower(second) {
        kept[1] = Some(offered);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::order::testing::{history, rest};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn a_later_message_is_received_later() {
        const RULE: &str = "order/real-time";
        let (one, two) = (rest("[10..20]", "alice", "m1"), rest("[30..40]", "carol", "m2"));
        let (own, later) = (rest("[30..40]", "alice", "m2"), rest("[50..60]", "alice", "m3"));
        let meanwhile = rest("[20..40]", "carol", "m2");
        assert_states(&[
            (RULE, Held, &history(&[&one, &two], &["m1", "m2"])),
            (RULE, Broken, &history(&[&one, &two], &["m2", "m1"])),
            (RULE, Broken, &history(&[&one, &two, &later], &["m3", "m2", "m1"])),
            (RULE, NotExercised, &history(&[&one, &meanwhile], &["m2", "m1"])),
            // The messages of one sender belong to order/per-sender.
            (RULE, NotExercised, &history(&[&one, &own], &["m2", "m1"])),
        ]);
    }
}
