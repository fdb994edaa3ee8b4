//! Whether all who see messages see them in one order.

use ahash::AHashSet;
use indexmap::IndexMap;
use serde_json::Value;

use super::cycle::{Chain, Comparison, compare};
use crate::rule::RuleInput;
use crate::rule_context::{Evidence, RuleContext, Violation};
use crate::rules::page::listing::{Page, pages};

/// Chains by room, in the order of the record.
type ByRoom<'h> = IndexMap<&'h str, Vec<Chain<'h>>>;

/// The order in which each socket received messages.
fn live<'h>(input: RuleInput<'h>) -> ByRoom<'h> {
    let mut by_room = ByRoom::new();
    for stream in input.model.streams() {
        let connection = stream.connection;
        let items = stream
            .in_place()
            .map(|(message, receipt)| (message, Evidence::from((connection, receipt.frame))));
        let chains = by_room.entry(connection.room.as_str()).or_default();
        chains.push(Chain {
            title: format!("{}'s socket", connection.actor),
            group: chains.len(),
            items: items.collect(),
        });
    }
    by_room
}

/// The order of each page with an ordering, the oldest first.
fn listed<'h>(
    input: RuleInput<'h>,
    ordering: Option<&str>,
    items: impl Fn(&Page<'h>) -> Vec<&'h Value>,
) -> ByRoom<'h> {
    let mut by_room = ByRoom::new();
    let mut known = AHashSet::new();
    for page in pages(input).filter(|page| page.listing.ordering == ordering) {
        let own = items(&page)
            .into_iter()
            .filter_map(|item| input.model.messages.get_index_of(item.get("id")?.as_str()?));
        known.clear();
        let mut messages: Vec<usize> = own.filter(|message| known.insert(*message)).collect();
        if ordering == Some("-created_at") {
            messages.reverse();
        }
        let chains = by_room.entry(page.listing.room.id.as_str()).or_default();
        let evidence = Evidence::from(page.listing.call);
        chains.push(Chain {
            title: "messages.list".to_owned(),
            group: chains.len(),
            items: messages.into_iter().map(|message| (message, evidence)).collect(),
        });
    }
    by_room
}

/// Items that share their `created_at` with no neighbour: messages of one instant have no order.
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

pub(super) fn common<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for chains in live(input).values() {
        let comparison = compare(chains);
        let expected = "all sockets receive in one order";
        check_order(input, "sockets disagree", expected, chains, comparison, context);
    }
}

pub(super) fn history_agrees<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let live = live(input);
    for ordering in ["created_at", "-created_at"] {
        for (room, lists) in listed(input, Some(ordering), untied) {
            let Some(streams) = live.get(room) else { continue };
            let of_group = |group| move |chain: &Chain<'h>| Chain { group, ..chain.clone() };
            let streams = streams.iter().map(of_group(0));
            let chains: Vec<_> = streams.chain(lists.iter().map(of_group(1))).collect();
            let comparison = compare(&chains);
            let disagree = |group: usize| {
                let chains: Vec<_> =
                    chains.iter().filter(|chain| chain.group == group).cloned().collect();
                compare(&chains).cycle.is_some()
            };
            if comparison.cycle.is_some() && (disagree(0) || disagree(1)) {
                context.inconclusive("sockets or lists disagree among themselves");
                continue;
            }
            let expected = "messages are listed in the order in which sockets received them";
            let variant = format!("sockets and messages.list by {ordering} disagree");
            check_order(input, &variant, expected, &chains, comparison, context);
        }
    }
}

pub(super) fn list_is_stable<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for ordering in [None, Some("created_at"), Some("-created_at")] {
        for chains in listed(input, ordering, |page| page.items.iter().collect()).values() {
            let comparison = compare(chains);
            let variant = format!("lists by {} disagree", ordering.unwrap_or("default"));
            let expected = "every list shows the same relative order";
            check_order(input, &variant, expected, chains, comparison, context);
        }
    }
}

fn check_order<'h>(
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

#[cfg(test)]
mod tests {
    use crate::rules::testing::{assert_states, verdict_of};
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    fn room(lines: &[String]) -> String {
        let sends: Vec<_> = ["m1", "m2", "m3"]
            .iter()
            .map(|id| {
                format!(
                    r#"[10..20] alice messages.send {{"room": "$r1", "content": "{id}"}} => 201 @message {{"id": "${id}"}}"#
                )
            })
            .collect();
        format!(
            r#"
            [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2, 3]}} => 201 @room {{"id": "$r1"}}
            [3..3] alice@r1 open
            [3..3] bob@r1 open
            [3..3] carol@r1 open
            {}
            {}
            "#,
            sends.join("\n"),
            lines.join("\n")
        )
    }

    fn stream(who: &str, ids: &[&str]) -> String {
        let frames: Vec<_> = ids
            .iter()
            .map(|id| {
                format!(
                    r#"{who}@r1 <- @chat_message {{"message": {{"id": "${id}", "room_id": "$r1", "content": "{id}"}}}}"#
                )
            })
            .collect();
        frames.join("\n")
    }

    fn list(query: &str, items: &[(&str, u32)]) -> String {
        let items: Vec<_> = items
            .iter()
            .map(|(id, second)| {
                format!(
                    r#"@message {{"id": "${id}", "room": "$r1", "created_at": "2026-01-01T00:00:0{second}Z"}}"#
                )
            })
            .collect();
        format!(
            r#"bob messages.list ?room=$r1{query} => 200 {{"results": [{}]}}"#,
            items.join(", ")
        )
    }

    #[test]
    fn all_sockets_receive_in_one_order() {
        const RULE: &str = "order/common";
        let orders = |orders: [&[&str]; 3]| {
            let streams = ["alice", "bob", "carol"].iter().zip(orders);
            room(&streams.map(|(who, ids)| stream(who, ids)).collect::<Vec<_>>())
        };
        let three = orders([&["m1", "m2"], &["m2", "m3"], &["m3", "m1"]]);
        assert_states(&[
            (RULE, Held, &orders([&["m1", "m2", "m3"], &["m1", "m2"], &["m3"]])),
            (RULE, Broken, &orders([&["m1", "m3", "m2"], &["m2", "m1"], &[]])),
            (RULE, Broken, &three),
            (RULE, NotExercised, &orders([&["m1", "m2"], &["m2", "m3"], &[]])),
        ]);
        let finding = &verdict_of(RULE, &three).findings[0];
        assert_eq!(finding.evidence.len(), 6, "{finding:#?}");
    }

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

    #[test]
    fn lists_keep_their_order() {
        const RULE: &str = "order/list-is-stable";
        let two = |query: &str, first: &[(&str, u32)], second: &[(&str, u32)]| {
            room(&[list(query, first), list(query, second)])
        };
        let (one, other) = (("m1", 1), ("m2", 1));
        assert_states(&[
            (RULE, Held, &two("", &[one, other], &[one, other])),
            (RULE, Broken, &two("", &[one, other], &[other, one])),
            (RULE, Broken, &two("&ordering=-created_at", &[one, ("m3", 1), other], &[other, one])),
            (RULE, NotExercised, &two("", &[one], &[other])),
            (
                RULE,
                NotExercised,
                &room(&[
                    list("&ordering=created_at", &[one, other]),
                    list("&ordering=-created_at", &[one, other]),
                ]),
            ),
        ]);
    }
}
