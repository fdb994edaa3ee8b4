//! `next` and `previous` carry the other query parameters of the request on.
//!
//! The example's `next` keeps `room`. A link that loses the filter, the page size or the order
//! leads into another list. Only documented parameters with documented values count: a server may
//! drop or correct the others.

use hearback_contract::{Operation, RequirementId};
use hearback_history::Call;
use url::Url;

use super::links::links;
use super::listing::MAXIMUM_SIZE;
use super::walk::{base, query_of};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::PageLinksKeepQuery, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let Some(base) = base(input) else { return };
    for (call, direction, link) in links(input) {
        let query = call.operation().and_then(|operation| query_of(operation, &base, link));
        let Some(query) = query else { continue };
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
                    format!("`{direction}` keeps {name}={value}"),
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

/// The link without the target's origin.
fn shortened_link(base: &Url, link: &str) -> String {
    let origin = base.origin().ascii_serialization();
    link.strip_prefix(&origin).unwrap_or(link).to_owned()
}

/// Parameters of the request that its links have to keep: documented parameters with documented
/// values.
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
    use crate::rules::page::testing::link;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn links_keep_the_query() {
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
            // Parameters without a documented meaning may be dropped.
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
