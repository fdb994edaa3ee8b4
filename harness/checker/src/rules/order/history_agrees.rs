//! messages.list shows messages in the order in which sockets received them.
//!
//! Only lists with an `ordering` count, and in them only messages whose `created_at` differs from
//! their neighbors': messages of the same instant have no order. The rule abstains where sockets,
//! or lists, already disagree among themselves, which is order/common and order/list-is-stable.

use hearback_contract::RequirementId;
use serde_json::Value;

use super::chains::{check_agreement, listed, live};
use super::cycle::{Chain, compare};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::page::listing::Page;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::OrderHistoryAgrees, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let live = live(input);
    for ordering in ["created_at", "-created_at"] {
        for (room, lists) in listed(input, Some(ordering), untied) {
            let Some(streams) = live.get(&room) else { continue };
            let of_group = |group| move |chain: &Chain<'h>| Chain { group, ..chain.clone() };
            let streams = streams.iter().map(of_group(0));
            let chains: Vec<_> = streams.chain(lists.iter().map(of_group(1))).collect();
            let comparison = compare(&chains);
            let disagree = |group: usize| {
                let chains: Vec<_> =
                    chains.iter().filter(|chain| chain.group == group).cloned().collect();
                compare(&chains).cycle.is_some()
            };
            if comparison.cycle.is_some() && disagree(0) {
                context.inconclusive(Reason::Violates(RequirementId::OrderCommon));
                continue;
            }
            if comparison.cycle.is_some() && disagree(1) {
                context.inconclusive(Reason::Violates(RequirementId::OrderListIsStable));
                continue;
            }
            let expected = "messages are listed in the order in which sockets received them";
            let variant = format!("sockets and messages.list by {ordering} disagree");
            check_agreement(input, &variant, expected, &chains, comparison, context);
        }
    }
}

/// Items whose `created_at` differs from their neighbors'.
fn untied<'h>(page: &Page<'h>) -> Vec<&'h Value> {
    let time = |item: &'h Value| item.get("created_at").and_then(Value::as_str);
    let times: Vec<_> = page.items.iter().map(time).collect();
    let is_untied = |index: usize| {
        let alike =
            |other: Option<usize>| other.is_some_and(|it| times.get(it) == times.get(index));
        times[index].is_some() && !alike(index.checked_sub(1)) && !alike(Some(index + 1))
    };
    page.items
        .iter()
        .enumerate()
        .filter(|(index, _)| is_untied(*index))
        .map(|(_, item)| item)
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::order::testing::{list, room, stream};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn lists_show_what_sockets_received() {
        const RULE: &str = "order/history-agrees";
        let one = |query: &str, items: &[(&str, u32)]| {
            room(&[stream("bob", &["m1", "m2"]), list(query, items)])
        };
        let disagreeing = [
            stream("alice", &["m2", "m1"]),
            stream("bob", &["m1", "m2"]),
            list("&ordering=created_at", &[("m1", 1), ("m2", 2)]),
        ];
        assert_states(&[
            (RULE, Held, &one("&ordering=created_at", &[("m1", 1), ("m2", 2)])),
            (RULE, Broken, &one("&ordering=created_at", &[("m2", 1), ("m3", 2), ("m1", 3)])),
            (RULE, Held, &one("&ordering=-created_at", &[("m2", 2), ("m1", 1)])),
            (RULE, Broken, &one("&ordering=-created_at", &[("m1", 2), ("m2", 1)])),
            (RULE, NotExercised, &one("", &[("m2", 1), ("m1", 2)])),
            (RULE, NotExercised, &one("&ordering=created_at", &[("m2", 1), ("m1", 1)])),
            (RULE, Undecided, &room(&disagreeing)),
        ]);
    }
}
