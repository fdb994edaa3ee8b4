//! Where `next` and `previous` lead.

use ahash::AHashMap;
use hearback_contract::Operation;
use hearback_history::{ActorName, Call, Interval};
use serde_json::Value;
use url::Url;

use super::listing::{MAXIMUM_SIZE, Page, is_still, pages};
use super::walk::{Query, base, query_of, sorted, walks};
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::quoted;

const DIRECTIONS: [&str; 2] = ["next", "previous"];

pub(super) fn previous<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let Some(base) = base(input) else { return };
    let mut pages_by_query: AHashMap<(&ActorName, Query), Vec<Page<'h>>> = AHashMap::new();
    for page in pages(input) {
        let invocation = &page.listing.call.invocation;
        pages_by_query
            .entry((&invocation.actor, sorted(&invocation.query)))
            .or_default()
            .push(page);
    }
    for walk in walks(input) {
        let actor = &walk.listing().call.invocation.actor;
        for (index, page) in walk.pages.iter().enumerate() {
            let call = page.listing.call;
            let Some(link) = page.previous else {
                context
                    .inconclusive("`previous` is absent or mistyped: see the schema requirements");
                continue;
            };
            let Some(before) = index.checked_sub(1).map(|before| &walk.pages[before]) else {
                context.check(link.is_none(), || {
                    Violation::new(
                        "messages.list: previous on the first page",
                        "`previous` is null on the first page",
                        format!("it is {}", link.unwrap_or_default()),
                    )
                    .evidence(call)
                });
                continue;
            };
            let Some(link) = link else {
                context.check(false, || {
                    Violation::new(
                        "messages.list: no previous",
                        format!("`previous` leads from page {} to the page before it", index + 1),
                        "it is null",
                    )
                    .evidence(call)
                });
                continue;
            };
            let same = query_of(&base, link).and_then(|query| pages_by_query.get(&(actor, query)));
            let followed = same.and_then(|same| {
                let returned = page.listing.at.returned;
                same.get(same.partition_point(|other| other.listing.at.invoked <= returned))
            });
            let Some(followed) = followed else { continue };
            let meanwhile = Interval {
                invoked: before.listing.at.invoked,
                returned: followed.listing.at.returned,
            };
            if !is_still(input, page.listing.room, meanwhile) {
                context.inconclusive("messages were written meanwhile");
                continue;
            }
            let (Some(expected), Some(actual)) = (before.ids(), followed.ids()) else {
                context.inconclusive("a message has no id: see the schema requirements");
                continue;
            };
            context.check(expected == actual, || {
                Violation::new(
                    "messages.list: previous leads elsewhere",
                    format!(
                        "`previous` of page {} leads to the {} messages of page {index}",
                        index + 1,
                        expected.len()
                    ),
                    format!(
                        "it leads to {} messages, {} of them the same",
                        actual.len(),
                        actual.iter().filter(|id| expected.contains(id)).count()
                    ),
                )
                .evidence(before.listing.call)
                .evidence(call)
                .evidence(followed.listing.call)
            });
        }
    }
}

/// Every link of every envelope: the response, the direction, and the link.
fn links<'h>(input: RuleInput<'h>) -> impl Iterator<Item = (&'h Call, &'static str, &'h str)> {
    let lists = [
        Operation::RoomsList,
        Operation::MessagesList,
        Operation::MessagesSearch,
        Operation::ParticipantsList,
    ];
    let is_list =
        move |call: &&Call| call.operation().is_some_and(|operation| lists.contains(&operation));
    input.history.calls.iter().filter(is_list).flat_map(|call| {
        let link = |direction| call.success()?.get(direction).and_then(Value::as_str);
        DIRECTIONS.into_iter().filter_map(move |name| Some((call, name, link(name)?)))
    })
}

pub(super) fn own_origin<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let base = base(input);
    for (call, direction, link) in links(input) {
        let Some(base) = &base else {
            context.inconclusive("the record does not say where the target is");
            return;
        };
        let Ok(url) = base.join(link) else {
            context
                .inconclusive(format!("{} is no link: see the schema requirements", quoted(link)));
            continue;
        };
        context.check(url.origin() == base.origin(), || {
            Violation::new(
                format!("{}: {direction}", call.operation().map_or("", Operation::id)),
                format!("`{direction}` stays on {}", base.origin().ascii_serialization()),
                format!("it leads to {}", quoted(link)),
            )
            .evidence(call)
        });
    }
}

pub(super) fn keep_query<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let Some(base) = base(input) else { return };
    for (call, direction, link) in links(input) {
        let Some(query) = query_of(&base, link) else { continue };
        for (name, value) in kept(call) {
            let is_kept = query.iter().any(|(other, kept)| {
                other == name
                    && (kept == value || kept.eq_ignore_ascii_case(value) && name == "room")
            });
            context.check(is_kept, || {
                let kept = query.iter().find(|(other, _)| other == name);
                Violation::new(
                    format!(
                        "{}: {direction} without {name}",
                        call.operation().map_or("", Operation::id)
                    ),
                    format!("`{direction}` carries {name}={value} on"),
                    match kept {
                        Some((_, kept)) => format!("it has {name}={kept}"),
                        None => format!("it is {}", shortened_link(&base, link)),
                    },
                )
                .evidence(call)
            });
        }
    }
}

/// The link below the target's origin, which says nothing new.
fn shortened_link(base: &Url, link: &str) -> String {
    let origin = base.origin().ascii_serialization();
    link.strip_prefix(&origin).unwrap_or(link).to_owned()
}

/// Parameters of the request that its links must carry on: those that the document knows, with values
/// that it gives a meaning.
fn kept(call: &Call) -> impl Iterator<Item = (&str, &str)> {
    let documented = call.operation().map_or(&[][..], |operation| operation.spec().query);
    let query = call.invocation.query.iter();
    query.map(|(name, value)| (name.as_str(), value.as_str())).filter(move |(name, value)| {
        let is_meant = match *name {
            "page" => false,
            "page_size" => value.parse().is_ok_and(|size: u64| (1..=MAXIMUM_SIZE).contains(&size)),
            "ordering" => matches!(*value, "created_at" | "-created_at"),
            _ => !value.is_empty(),
        };
        is_meant && documented.iter().any(|parameter| parameter.name == *name)
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::page::testing::{link, page, room_with};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    /// Four messages in two pages of two; `back` is the second page's `previous`, then comes `after`.
    fn walk(back: &str, after: &str) -> String {
        let second = page("&page_size=2&page=2", 2..4, 4, "null")
            .replace(r#""previous": null"#, &format!(r#""previous": {back}"#));
        format!(
            "{}{}\n{second}\n{after}",
            room_with(4),
            page("&page_size=2", 0..2, 4, &link("&page_size=2&page=2"))
        )
    }

    #[test]
    fn previous_leads_back() {
        const RULE: &str = "page/previous";
        let back = link("&page_size=2&page=1");
        let again = |numbers| page("&page_size=2&page=1", numbers, 4, "null");
        let first = format!("{}{}", room_with(1), page("", 0..1, 1, "null"));
        assert_states(&[
            (RULE, Held, &walk(&back, &again(0..2))),
            (RULE, Held, &walk(&link("&page_size=2"), &page("&page_size=2", 0..2, 4, "null"))),
            (RULE, Broken, &walk(&back, &again(1..3))),
            (RULE, Broken, &walk("null", "")),
            (RULE, Held, &first),
            (RULE, Broken, &first.replace(r#""previous": null"#, r#""previous": "/x""#)),
            (RULE, Undecided, &first.replace(r#""previous": null"#, r#""previous": 5"#)),
        ]);
        let sent = r#"bob messages.send {"room": "$r1", "content": "b"} => 201 @message {"id": "$m9", "room": "$r1"}"#;
        let disturbed = walk(&back, &format!("{sent}\n{}", again(1..3)));
        assert_states(&[(RULE, Held, &disturbed)]);
    }

    #[test]
    fn links_stay_on_the_targets_origin() {
        const RULE: &str = "page/links-own-origin";
        let with = |next: &str| {
            format!(
                r#"alice messages.list ?room=$r1 => 200 {{"next": {next}, "previous": null, "results": []}}"#
            )
        };
        assert_states(&[
            (RULE, Held, &with(r#""http://target.test/api/chat/messages/?page=2""#)),
            (RULE, Held, &with(r#""http://target.test:80/api/chat/messages/?page=2""#)),
            (RULE, Held, &with(r#""/api/chat/messages/?page=2""#)),
            (RULE, Held, &with(r#""?page=2""#)),
            (RULE, Broken, &with(r#""https://target.test/api/chat/messages/?page=2""#)),
            (RULE, Broken, &with(r#""http://target.test:8000/api/chat/messages/?page=2""#)),
            (RULE, Broken, &with(r#""//elsewhere.test/?page=2""#)),
            (RULE, NotExercised, &with("null")),
            (RULE, Undecided, &with(r#""http://[""#)),
        ]);
    }

    #[test]
    fn links_carry_the_query_on() {
        const RULE: &str = "page/links-keep-query";
        let with = |query: &str, next: &str| {
            format!(
                r#"alice messages.list ?room=$r1{query} => 200 {{"next": {next}, "results": []}}"#
            )
        };
        assert_states(&[
            (RULE, Held, &with("", &link("&page=2"))),
            (
                RULE,
                Held,
                &with(
                    "&page_size=2&ordering=-created_at&page=2",
                    &link("&ordering=-created_at&page=3&page_size=2"),
                ),
            ),
            (RULE, Broken, &with("&page_size=2", &link("&page=2"))),
            (RULE, Broken, &with("&ordering=-created_at", &link("&page=2&ordering=created_at"))),
            (RULE, Broken, &with("", r#""/api/chat/messages/?page=2""#)),
            // What means nothing need not be carried on.
            (
                RULE,
                Held,
                &with("&page_size=500&ordering=odd&colour=red", &link("&page=2&page_size=100")),
            ),
            (
                RULE,
                Broken,
                r#"alice rooms.list ?search=a => 200 {"next": "/?page=2", "results": []}"#,
            ),
            (RULE, NotExercised, &with("", "null")),
        ]);
    }
}
