//! Faults of lists in pages.

use hearback_contract::Operation::MessagesList;
use serde_json::{Value, json};

use super::status::EMPTY;
use super::{Edit, FaultSpec, behaviour, changed, edited, row};
use crate::faults::behaviour::Behaviour;
use crate::faults::response::{Change, When};
use crate::faults::values::{change_text, increment, reverse};

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "page/twenty-by-default",
        "page/default-size",
        "A page has 20 items by default.",
        behaviour(Behaviour::SmallDefaultPage),
    ),
    row(
        "page/no-maximum",
        "page/maximum-size",
        "A page may have any number of items.",
        behaviour(Behaviour::UncappedPages),
    ),
    row(
        "page/ignores-page-size",
        "page/size-honoured",
        "`page_size` is ignored.",
        behaviour(Behaviour::IgnoresPageSize),
    ),
    row(
        "page/ascending-runs-down",
        "page/ordering-ascending",
        "Pages asked for oldest first run from newest to oldest.",
        changed(
            &[MessagesList],
            When::SuccessWith("ordering=created_at"),
            Change::Body(Edit::Map(&["/results"], reverse)),
        ),
    ),
    row(
        "page/descending-runs-up",
        "page/ordering-descending",
        "Pages asked for newest first run from oldest to newest.",
        changed(
            &[MessagesList],
            When::SuccessWith("ordering=-created_at"),
            Change::Body(Edit::Map(&["/results"], reverse)),
        ),
    ),
    row(
        "page/counts-one-more",
        "page/count",
        "`count` of messages is one too many.",
        edited(&[MessagesList], Edit::Map(&["/count"], increment)),
    ),
    row(
        "page/skips-between-pages",
        "page/walk-complete",
        "The first message of each further page is replaced by the second.",
        edited(
            &[MessagesList],
            Edit::Map(&[""], |page| {
                if !page["previous"].is_null()
                    && let Some([first, second, ..]) =
                        page["results"].as_array_mut().map(Vec::as_mut_slice)
                {
                    first.clone_from(second);
                }
            }),
        ),
    ),
    row(
        "page/drifts-while-writing",
        "page/walk-while-writing",
        "Messages that arrive push further pages on by one.",
        behaviour(Behaviour::PagesDrift),
    ),
    row(
        "page/no-way-back",
        "page/previous",
        "`previous` is always null.",
        edited(&[MessagesList], Edit::Set(&["/previous"], "null")),
    ),
    row(
        "page/last-has-a-next",
        "page/last-has-no-next",
        "The last page links to another.",
        edited(
            &[MessagesList],
            Edit::Map(&[""], |page| {
                if page["next"].is_null()
                    && let Some(room) = page.pointer("/results/0/room").and_then(Value::as_str)
                {
                    let link = format!("/api/chat/messages/?room={room}&page=1000000");
                    page["next"] = json!(link);
                }
            }),
        ),
    ),
    row(
        "page/links-lead-elsewhere",
        "page/links-own-origin",
        "Links name a host that is not the server's.",
        edited(
            &[MessagesList],
            Edit::Map(&["/next", "/previous"], |link| {
                change_text(link, |link| {
                    let path = link.find("/api").map_or(link, |start| &link[start..]);
                    format!("http://internal.invalid{path}")
                });
            }),
        ),
    ),
    row(
        "page/links-forget-ordering",
        "page/links-keep-query",
        "Links lose the `ordering` that was asked for.",
        edited(
            &[MessagesList],
            Edit::Map(&["/next", "/previous"], |link| {
                change_text(link, |link| {
                    let kept = link.split('&').filter(|pair| !pair.starts_with("ordering="));
                    kept.collect::<Vec<_>>().join("&")
                });
            }),
        ),
    ),
    row(
        "page/beyond-is-forbidden",
        "page/beyond-the-last",
        "A page beyond the last answers 403.",
        changed(&[MessagesList], When::StatusWith(404, "page="), Change::Status(403)),
    ),
    row(
        "page/invalid-is-empty",
        "page/invalid-page",
        "A page that is no number is an empty page.",
        changed(&[MessagesList], When::StatusWith(400, "page="), Change::Replace(200, EMPTY)),
    ),
];
