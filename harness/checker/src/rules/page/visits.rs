//! The messages that a walk has to visit, and a check that it visits each of them once.

use ahash::{AHashMap, AHashSet};

use super::listing::is_still;
use super::walk::{Walk, base, walks};
use crate::model::Message;
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::violation::Violation;
use hearback_contract::MessageRef;

/// Walks to the last page that have at least this number of pages.
pub(super) fn finished_walks<'h>(
    input: RuleInput<'h>,
    pages: usize,
    context: &mut RuleContext<'h>,
) -> Vec<Walk<'h>> {
    let base = base(input);
    let mut walks = walks(input);
    if walks.iter().any(|walk| walk.leads_away(base.as_ref())) {
        context.unobservable(Reason::LinkNotFollowed);
    }
    walks.retain(|walk| walk.is_finished() && walk.pages.len() >= pages);
    walks
}

/// Those of [`finished_walks`] during which nothing was written.
pub(super) fn still_walks<'h>(
    input: RuleInput<'h>,
    pages: usize,
    context: &mut RuleContext<'h>,
) -> Vec<Walk<'h>> {
    let mut walks = finished_walks(input, pages, context);
    walks.retain(|walk| {
        let is_still = is_still(input, walk.listing().room, walk.interval());
        if !is_still {
            context.inconclusive(Reason::ConcurrentWrites);
        }
        is_still
    });
    walks
}

/// Messages of the room that were acknowledged before the walk and certainly exist until it ends.
pub(super) fn stable<'h>(input: RuleInput<'h>, walk: &Walk<'h>) -> Vec<&'h Message<'h>> {
    let listing = walk.listing();
    let model = input.model;
    listing
        .room
        .messages
        .iter()
        .filter_map(|id| model.messages.get(id))
        .take_while(|message| message.sent.invoked < listing.at.invoked)
        .filter(|message| {
            message.sent.precedes(listing.at) && !message.maybe_deleted(walk.interval())
        })
        .collect()
}

pub(super) fn check_visits<'h>(
    walk: &Walk<'h>,
    what: &str,
    stable: &[&'h Message<'h>],
    repeated: Option<MessageRef<'_>>,
    visits: &AHashMap<MessageRef<'_>, usize>,
    context: &mut RuleContext<'h>,
) {
    let (first, last) = (walk.listing().call, walk.last().listing.call);
    context.check(repeated.is_none(), || {
        Violation::new(
            format!("messages.list: {what} repeats"),
            format!("{what} of {} pages visits no message twice", walk.pages.len()),
            format!("it visits {} again", repeated.map_or("", MessageRef::as_str)),
        )
        .evidence(first)
        .evidence(last)
    });
    if stable.is_empty() {
        return;
    }
    let missed: AHashSet<MessageRef<'_>> = stable
        .iter()
        .map(|message| message.id.borrowed())
        .filter(|id| !visits.contains_key(id))
        .collect();
    let example = stable.iter().find(|message| missed.contains(&message.id.borrowed()));
    context.check(example.is_none(), || {
        let violation = Violation::new(
            format!("messages.list: {what} misses"),
            format!("{what} of {} pages visits all {} messages", walk.pages.len(), stable.len()),
            format!(
                "it misses {}, {} among them",
                missed.len(),
                example.map_or("", |message| message.id.as_str())
            ),
        )
        .magnitude(missed.len() as u64)
        .messages(missed.iter().copied());
        let violation = match example {
            Some(message) => violation.evidence(message.origin),
            None => violation,
        };
        violation.evidence(first).evidence(last)
    });
}
