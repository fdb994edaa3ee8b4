//! Requests for pages of messages, and the pages that came.

use hearback_contract::{MessageRef, Operation, UserId};
use hearback_history::{Call, Interval};
use serde_json::Value;

use crate::model::{Room, WriteKind};
use crate::rule::RuleInput;
use crate::rules::answer::text_or_null;

/// Size of a page without `page_size`.
pub(in crate::rules) const DEFAULT_SIZE: u64 = 50;

/// Maximum size of a page.
pub(in crate::rules) const MAXIMUM_SIZE: u64 = 100;

/// A request for the messages of a room that this run created.
#[derive(Clone, Copy, Debug)]
pub(in crate::rules) struct Listing<'h> {
    pub(in crate::rules) call: &'h Call,
    pub(in crate::rules) room: &'h Room<'h>,
    pub(in crate::rules) at: Interval,
    /// The user id of the caller, if it is known.
    pub(in crate::rules) viewer: Option<UserId>,
    pub(in crate::rules) ordering: Option<&'h str>,
    pub(in crate::rules) page_size: Option<&'h str>,
}

/// Every such request with a valid token, in the order of the history.
pub(in crate::rules) fn listings<'h>(input: RuleInput<'h>) -> impl Iterator<Item = Listing<'h>> {
    let calls = input.history.calls_of(Operation::MessagesList);
    calls.filter(|call| call.is_authorized() && call.status() != Some(401)).filter_map(
        move |call| {
            Some(Listing {
                call,
                room: input.model.room_of(call)?,
                at: call.interval(),
                viewer: input.model.user_id(&call.invocation.actor),
                ordering: call.query("ordering"),
                page_size: call.query("page_size"),
            })
        },
    )
}

impl<'h> Listing<'h> {
    /// The number of the requested page, from 1 on; `None` if it is not such a number.
    pub(in crate::rules) fn number(&self) -> Option<u64> {
        match self.call.query("page") {
            None => Some(1),
            Some(text) => text.parse().ok().filter(|number| *number > 0),
        }
    }

    /// The size that the page must have; `None` if the requested size is out of bounds.
    pub(in crate::rules) fn documented_size(&self) -> Option<u64> {
        match self.page_size {
            None => Some(DEFAULT_SIZE),
            Some(_) => self.asked_size().filter(|size| (1..=MAXIMUM_SIZE).contains(size)),
        }
    }

    /// The requested size, if it is a number.
    pub(in crate::rules) fn asked_size(&self) -> Option<u64> {
        self.page_size?.parse().ok()
    }

    /// Returns whether all parameters are documented, and all values other than the page number.
    pub(in crate::rules) fn is_documented(&self) -> bool {
        let documented = Operation::MessagesList.spec().query;
        self.ordering.is_none_or(|ordering| matches!(ordering, "created_at" | "-created_at"))
            && (self.page_size.is_none() || self.documented_size().is_some())
            && self
                .call
                .invocation
                .query
                .iter()
                .all(|(name, _)| documented.iter().any(|parameter| parameter.name == name))
    }

    /// Returns whether the viewer was certainly a member during the request.
    pub(in crate::rules) fn is_by_member(&self) -> bool {
        self.viewer.is_some_and(|viewer| self.room.surely_member(viewer, self.at))
    }

    /// Returns whether the viewer was certainly a member since the room was created, so that no
    /// message may be hidden.
    pub(in crate::rules) fn is_by_initial_member(&self) -> bool {
        self.viewer.is_some_and(|viewer| self.room.surely_initial_member(viewer, self.at))
    }

    /// The fewest messages that an initial member must find.
    pub(in crate::rules) fn least(&self) -> u64 {
        let acknowledged = self.room.acknowledged_before(self.at);
        acknowledged.saturating_sub(self.room.maybe_deleted_by(self.at)) as u64
    }
}

/// A page of messages.
#[derive(Clone, Copy, Debug)]
pub(in crate::rules) struct Page<'h> {
    pub(in crate::rules) listing: Listing<'h>,
    pub(in crate::rules) items: &'h [Value],
    pub(in crate::rules) count: Option<u64>,
    /// A link, or null; `None` if absent or mistyped.
    pub(in crate::rules) next: Option<Option<&'h str>>,
    /// A link, or null; `None` if absent or mistyped.
    pub(in crate::rules) previous: Option<Option<&'h str>>,
}

/// Every page of messages, in the order of the history.
pub(in crate::rules) fn pages<'h>(input: RuleInput<'h>) -> impl Iterator<Item = Page<'h>> {
    listings(input).filter_map(|listing| {
        let body = listing.call.success()?;
        Some(Page {
            listing,
            items: listing.call.items()?,
            count: body.get("count").and_then(Value::as_u64),
            next: body.get("next").and_then(text_or_null),
            previous: body.get("previous").and_then(text_or_null),
        })
    })
}

impl<'h> Page<'h> {
    /// Ids of the messages on the page; `None` if one of them has none.
    pub(in crate::rules) fn ids(&self) -> Option<Vec<MessageRef<'h>>> {
        self.items.iter().map(|item| item.get("id").and_then(MessageRef::from_json)).collect()
    }

    /// `count`, if nothing was written meanwhile and it lies between the messages that certainly
    /// and possibly exist.
    pub(in crate::rules) fn credible_count(&self, input: RuleInput<'h>) -> Option<u64> {
        let Listing { room, at, .. } = self.listing;
        let least = if self.listing.is_by_initial_member() { self.listing.least() } else { 0 };
        let most = room.acknowledged_before(at) as u64;
        let is_known = is_still(input, room, at) && !room.has_foreign_messages;
        self.count.filter(|count| is_known && (least..=most).contains(count))
    }
}

/// Returns whether no message was sent, edited or deleted in the room meanwhile.
pub(in crate::rules) fn is_still<'h>(
    input: RuleInput<'h>,
    room: &Room<'h>,
    meanwhile: Interval,
) -> bool {
    input.model.is_quiet(room, &[WriteKind::Send, WriteKind::Alter], meanwhile)
}
