//! The order in which sockets and lists show messages, as chains that can be compared.

use ahash::AHashSet;
use hearback_contract::{MessageRef, RoomRef};
use indexmap::IndexMap;
use serde_json::Value;

use super::cycle::{Chain, Comparison};
use crate::evidence::Evidence;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::rules::page::listing::{Page, pages};
use crate::violation::Violation;

/// Chains by room, in the order of the history.
pub(super) type ByRoom<'h> = IndexMap<RoomRef<'h>, Vec<Chain<'h>>>;

/// The order in which each socket received messages.
pub(super) fn live<'h>(input: RuleInput<'h>) -> ByRoom<'h> {
    let mut by_room = ByRoom::new();
    for stream in input.model.streams() {
        let connection = stream.connection;
        let items = stream
            .in_order()
            .map(|(message, receipt)| (message, Evidence::from((connection, receipt.frame))));
        let chains = by_room.entry(connection.room.borrowed()).or_default();
        chains.push(Chain {
            title: format!("{}'s socket", connection.actor),
            group: chains.len(),
            items: items.collect(),
        });
    }
    by_room
}

/// The order of each page with this ordering, the oldest first.
pub(super) fn listed<'h>(
    input: RuleInput<'h>,
    ordering: Option<&str>,
    items: impl Fn(&Page<'h>) -> Vec<&'h Value>,
) -> ByRoom<'h> {
    let mut by_room = ByRoom::new();
    let mut known = AHashSet::new();
    for page in pages(input).filter(|page| page.listing.ordering == ordering) {
        let own = items(&page)
            .into_iter()
            .filter_map(|item| item.get("id").and_then(MessageRef::from_json))
            .filter_map(|id| input.model.messages.get_index_of(id.as_str()));
        known.clear();
        let mut messages: Vec<usize> = own.filter(|message| known.insert(*message)).collect();
        if ordering == Some("-created_at") {
            messages.reverse();
        }
        let chains = by_room.entry(page.listing.room.id.borrowed()).or_default();
        let evidence = Evidence::from(page.listing.call);
        chains.push(Chain {
            title: "messages.list".to_owned(),
            group: chains.len(),
            items: messages.into_iter().map(|message| (message, evidence)).collect(),
        });
    }
    by_room
}

/// Counts the agreements of a comparison, and reports its cycle as a violation.
pub(super) fn check_agreement<'h>(
    input: RuleInput<'h>,
    variant: &str,
    expected: &str,
    chains: &[Chain<'h>],
    comparison: Comparison,
    context: &mut RuleContext<'h>,
) {
    (0..comparison.agreements).for_each(|_| context.held());
    let Some(cycle) = comparison.cycle else { return };
    let id = |message: usize| &input.model.messages[message].id;
    context.check(false, || {
        let shown: Vec<_> = cycle
            .iter()
            .map(|step| {
                let Chain { title, items, .. } = &chains[step.chain];
                let (earlier, later) = step.positions;
                format!("{title} shows {} before {}", id(items[earlier].0), id(items[later].0))
            })
            .collect();
        let violation = Violation::new(variant, expected, shown.join("; "));
        cycle.iter().fold(violation, |violation, step| {
            let (earlier, later) = step.positions;
            let [earlier, later] = [earlier, later].map(|at| chains[step.chain].items[at].1);
            let violation = violation.evidence(earlier);
            // A page shows both at once.
            if earlier.seq() == later.seq() { violation } else { violation.evidence(later) }
        })
    });
}
