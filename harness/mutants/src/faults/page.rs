//! Faults of pages.

use hearback_contract::Operation::MessagesList;
use hearback_contract::RequirementId;
use hearback_reference::membership::Membership;
use hearback_reference::rules::Listing;
use hearback_reference::store::messages::{Message, Ordering};
use hearback_reference::store::{Store, Window};
use serde_json::{Value, json};

use super::status::EMPTY;
use crate::distortion::{change_text, increment, reverse};
use crate::edit::Edit;
use crate::fault::{FaultSpec, row};
use crate::memory::Memory;
use crate::wire::{Change, When};

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "page/twenty-by-default",
        RequirementId::PageDefaultSize,
        "The default page size is 20.",
        |fault| {
            fault.validation.page_size =
                Some(|base, _, requested| base.page_size(requested.or(Some(20))));
        },
    ),
    row(
        "page/no-maximum",
        RequirementId::PageMaximumSize,
        "The page size has no maximum.",
        |fault| {
            fault.validation.page_size =
                Some(|base, _, requested| requested.map_or_else(|| base.page_size(None), Ok));
        },
    ),
    row(
        "page/ignores-page-size",
        RequirementId::PageSizeHonoured,
        "`page_size` is ignored.",
        |fault| fault.validation.page_size = Some(|base, _, _| base.page_size(None)),
    ),
    row(
        "page/ascending-runs-down",
        RequirementId::PageOrderingAscending,
        "Pages in ascending order run from newest to oldest.",
        |fault| {
            fault.change_responses(
                &[MessagesList],
                When::SuccessWith("ordering=created_at"),
                Change::Body(Edit::Map(&["/results"], reverse)),
            )
        },
    ),
    row(
        "page/descending-runs-up",
        RequirementId::PageOrderingDescending,
        "Pages in descending order run from oldest to newest.",
        |fault| {
            fault.change_responses(
                &[MessagesList],
                When::SuccessWith("ordering=-created_at"),
                Change::Body(Edit::Map(&["/results"], reverse)),
            )
        },
    ),
    row(
        "page/counts-one-more",
        RequirementId::PageCount,
        "`count` of messages is one too high.",
        |fault| fault.edit_responses(&[MessagesList], Edit::Map(&["/count"], increment)),
    ),
    row(
        "page/skips-between-pages",
        RequirementId::PageWalkComplete,
        "The first message of each later page is replaced with the second.",
        |fault| {
            fault.edit_responses(
                &[MessagesList],
                Edit::Map(&[""], |page| {
                    if !page["previous"].is_null()
                        && let Some([first, second, ..]) =
                            page["results"].as_array_mut().map(Vec::as_mut_slice)
                    {
                        first.clone_from(second);
                    }
                }),
            )
        },
    ),
    row(
        "page/drifts-while-writing",
        RequirementId::PageWalkWhileWriting,
        "New messages shift later pages by one.",
        |fault| fault.listing.messages = Some(messages_after_drift),
    ),
    row(
        "page/skips-as-many-as-arrive",
        RequirementId::PageNewestFirstWhileWriting,
        "The second page, newest first, skips one message for each that arrived since the first.",
        |fault| fault.listing.messages = Some(messages_after_skip),
    ),
    row(
        "page/ties-move-at-edges",
        RequirementId::PageWalkComplete,
        "The second page begins with the last message of the first if both are of the same second.",
        |fault| {
            fault.listing.messages = Some(|base, _, store, membership, ordering, window| {
                let offset = window.offset - 1;
                if window.offset != window.limit {
                    return base.messages(store, membership, ordering, window);
                }
                let edge = Window { offset, ..window };
                let (count, messages) = base.messages(store, membership, ordering, edge)?;
                let second = |message: &Message| message.created_at.to_string()[..19].to_owned();
                let is_tie =
                    matches!(&messages[..], [last, next, ..] if second(last) == second(next));
                match is_tie {
                    true => Ok((count, messages)),
                    false => base.messages(store, membership, ordering, window),
                }
            });
        },
    ),
    row("page/no-way-back", RequirementId::PagePrevious, "`previous` is always null.", |fault| {
        fault.edit_responses(&[MessagesList], Edit::Set(&["/previous"], "null"))
    }),
    row(
        "page/last-has-a-next",
        RequirementId::PageLastHasNoNext,
        "The last page has a `next`.",
        |fault| {
            fault.edit_responses(
                &[MessagesList],
                Edit::Map(&[""], |page| {
                    if page["next"].is_null()
                        && let Some(room) = page.pointer("/results/0/room").and_then(Value::as_str)
                    {
                        let link = format!("/api/chat/messages/?room={room}&page=1000000");
                        page["next"] = json!(link);
                    }
                }),
            )
        },
    ),
    row(
        "page/links-lead-elsewhere",
        RequirementId::PageLinksOwnOrigin,
        "Links lead to another host.",
        |fault| {
            fault.edit_responses(
                &[MessagesList],
                Edit::Map(&["/next", "/previous"], |link| {
                    change_text(link, |link| {
                        let path = link.find("/api").map_or(link, |start| &link[start..]);
                        format!("http://internal.invalid{path}")
                    });
                }),
            )
        },
    ),
    row(
        "page/links-forget-ordering",
        RequirementId::PageLinksKeepQuery,
        "Links lose `ordering`.",
        |fault| {
            fault.edit_responses(
                &[MessagesList],
                Edit::Map(&["/next", "/previous"], |link| {
                    change_text(link, |link| {
                        let kept = link.split('&').filter(|pair| !pair.starts_with("ordering="));
                        kept.collect::<Vec<_>>().join("&")
                    });
                }),
            )
        },
    ),
    row(
        "page/beyond-is-forbidden",
        RequirementId::PageBeyondTheLast,
        "Pages beyond the last return 403.",
        |fault| {
            fault.change_responses(
                &[MessagesList],
                When::StatusWith(404, "page="),
                Change::Status(403),
            )
        },
    ),
    row(
        "page/invalid-is-empty",
        RequirementId::PageInvalidPage,
        "A malformed `page` returns an empty page.",
        |fault| {
            fault.change_responses(
                &[MessagesList],
                When::StatusWith(400, "page="),
                Change::Replace(200, EMPTY),
            )
        },
    ),
];

/// Number of messages that have come since the user listed the first page, which this page may be.
fn arrived_since_first_page(memory: &Memory, membership: &Membership, window: Window) -> i64 {
    let (walk, count) = ((membership.room.id, membership.user()), membership.room.message_count);
    if window.offset == 0 {
        memory.counts.set(walk, count);
    }
    count.saturating_sub(memory.counts.get(walk).unwrap_or(count))
}

/// A page that begins one message later if messages have come since the user listed the first page.
fn messages_after_drift(
    base: &dyn Listing,
    memory: &Memory,
    store: &Store,
    membership: &Membership,
    ordering: Ordering,
    window: Window,
) -> rusqlite::Result<(i64, Vec<Message>)> {
    let drift = arrived_since_first_page(memory, membership, window).min(1);
    let offset = window.offset.saturating_add(drift);
    base.messages(store, membership, ordering, Window { offset, ..window })
}

/// The second page begins two messages later for each that has come since the user listed the first page, newest first.
fn messages_after_skip(
    base: &dyn Listing,
    memory: &Memory,
    store: &Store,
    membership: &Membership,
    ordering: Ordering,
    window: Window,
) -> rusqlite::Result<(i64, Vec<Message>)> {
    let arrived = arrived_since_first_page(memory, membership, window);
    let is_second = ordering == Ordering::NewestFirst && window.offset == window.limit;
    let arrived = if is_second { arrived } else { 0 };
    let offset = window.offset.saturating_add(2 * arrived);
    base.messages(store, membership, ordering, Window { offset, ..window })
}
