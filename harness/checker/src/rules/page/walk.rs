//! Walks: pages of one room that one user requested one after the other.

use ahash::AHashMap;
use hearback_contract::{MessageRef, Operation, RoomRef};
use hearback_history::{ActorName, Interval};
use url::Url;

use super::listing::{Listing, Page, pages};
use crate::rule::RuleInput;

/// Query parameters, sorted for comparison.
pub(in crate::rules) type Query = Vec<(String, String)>;

/// A first page, and the pages that `next` leads to.
#[derive(Debug)]
pub(in crate::rules) struct Walk<'h> {
    pub(in crate::rules) pages: Vec<Page<'h>>,
}

impl<'h> Walk<'h> {
    /// The request for the first page.
    pub(in crate::rules) fn listing(&self) -> Listing<'h> {
        self.pages[0].listing
    }

    /// The last page of the walk.
    pub(in crate::rules) fn last(&self) -> &Page<'h> {
        &self.pages[self.pages.len() - 1]
    }

    /// Returns whether the walk reached a page without `next`.
    pub(in crate::rules) fn is_finished(&self) -> bool {
        self.last().next == Some(None)
    }

    /// Returns whether the walk ended at a `next` that does not lead to a page of the list, which is not followed.
    pub(in crate::rules) fn leads_away(&self, base: Option<&Url>) -> bool {
        let next = self.last().next.flatten();
        base.zip(next)
            .is_some_and(|(base, next)| Operation::MessagesList.page_query(base, next).is_none())
    }

    /// From the first request to the last response.
    pub(in crate::rules) fn interval(&self) -> Interval {
        self.interval_to(self.pages.len() - 1)
    }

    /// From the first request to the response of the page at `index`.
    pub(in crate::rules) fn interval_to(&self, index: usize) -> Interval {
        let first = self.listing().at;
        Interval { invoked: first.invoked, returned: self.pages[index].listing.at.returned }
    }

    /// Ids of all messages of the walk, in order; `None` if one has none.
    pub(in crate::rules) fn ids(&self) -> Option<Vec<MessageRef<'h>>> {
        let pages: Option<Vec<_>> = self.pages.iter().map(Page::ids).collect();
        Some(pages?.concat())
    }
}

/// Every walk of the history, including single pages.
pub(in crate::rules) fn walks<'h>(input: RuleInput<'h>) -> Vec<Walk<'h>> {
    type Key<'h> = (&'h ActorName, RoomRef<'h>, Option<&'h str>, Option<&'h str>);
    let base = base(input);
    let mut walks: Vec<Walk<'h>> = Vec::new();
    let mut under_way: AHashMap<Key<'h>, usize> = AHashMap::new();
    for page in pages(input) {
        let listing = page.listing;
        let key = (
            &listing.call.invocation.actor,
            listing.room.id.borrowed(),
            listing.ordering,
            listing.page_size,
        );
        let number = listing.number().filter(|_| {
            // An undocumented parameter, such as a cursor, may select another page.
            let documented = ["room", "page", "page_size", "ordering"];
            listing
                .call
                .invocation
                .query
                .iter()
                .all(|(name, _)| documented.contains(&name.as_str()))
        });
        if let Some(&index) = under_way.get(&key) {
            let walk = &mut walks[index];
            let last = walk.last();
            let follows = last.listing.at.precedes(listing.at)
                && last.next.flatten().is_some_and(|link| {
                    number == Some(walk.pages.len() as u64 + 1)
                        || base
                            .as_ref()
                            .and_then(|base| query_of(Operation::MessagesList, base, link))
                            == Some(sorted(&listing.call.invocation.query))
                });
            if follows {
                walk.pages.push(page);
                continue;
            }
        }
        if number == Some(1) {
            under_way.insert(key, walks.len());
            walks.push(Walk { pages: vec![page] });
        }
    }
    walks
}

/// The address of the target, which links may be relative to.
pub(in crate::rules) fn base(input: RuleInput<'_>) -> Option<Url> {
    input.history.start.as_ref().and_then(|start| Url::parse(&start.target).ok())
}

/// The query of a link to a page of an operation, with the documented names of its parameters.
pub(in crate::rules) fn query_of(operation: Operation, base: &Url, link: &str) -> Option<Query> {
    let url = base.join(link).ok()?;
    let documented = |name: &str| operation.spec().documented_name(name).to_owned();
    let pairs = url.query_pairs().map(|(name, value)| (documented(&name), value.into_owned()));
    let pairs: Vec<_> = pairs.collect();
    Some(sorted(&pairs))
}

/// Sorts query parameters.
pub(in crate::rules) fn sorted(query: &[(String, String)]) -> Query {
    let mut query = query.to_vec();
    query.sort();
    query
}

#[cfg(test)]
mod tests {
    use hearback_testkit::dsl;

    use super::*;
    use crate::model::Model;

    fn lengths(calls: &str) -> Vec<usize> {
        let history = dsl::parse(&format!(
            r#"alice rooms.create {{"room_type": "group", "name": "x", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
            {calls}"#
        ))
        .unwrap();
        let model = Model::of(&history);
        walks(RuleInput { history: &history, model: &model })
            .iter()
            .map(|walk| walk.pages.len())
            .collect()
    }

    #[test]
    fn a_walk_follows_next() {
        let page = |who: &str, query: &str, next: &str| {
            format!(
                r#"{who} messages.list ?room=$r1{query} => 200 {{"next": {next}, "results": []}}"#
            )
        };
        let first = page("alice", "", r#""/api/chat/messages/?room=$r1&page=2""#);
        let second = page("alice", "&page=2", "null");
        assert_eq!(lengths(&format!("{first}\n{second}")), [2]);
        // A walk does not continue after a page without `next`, nor with another size, viewer or
        // order.
        assert_eq!(
            lengths(&format!("{first}\n{second}\n{}", page("alice", "&page=3", "null"))),
            [2]
        );
        assert_eq!(
            lengths(&format!("{first}\n{}", page("alice", "&page=2&page_size=9", "null"))),
            [1]
        );
        assert_eq!(lengths(&format!("{first}\n{}", page("bob", "&page=2", "null"))), [1]);
        assert_eq!(lengths(&format!("{first}\n{first}\n{second}")), [1, 2]);
        assert_eq!(lengths(&format!("[5..9] {first}\n[7..8] {second}")), [1]);
        // A link that skips a page is followed.
        let skips = first.replace("page=2", "page=3");
        assert_eq!(lengths(&format!("{skips}\n{}", page("alice", "&page=3", "null"))), [2]);
        let cursor = first.replace("page=2", "cursor=x");
        assert_eq!(lengths(&format!("{cursor}\n{}", page("alice", "&cursor=x", "null"))), [2]);
    }
}
