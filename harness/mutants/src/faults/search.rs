//! Faults of search; of the family `message`.

use hearback_contract::Operation::MessagesSearch;
use hearback_contract::RequirementId;
use hearback_reference::store::search::Search;
use serde_json::json;

use super::outsiders::messages_of_outsider;
use crate::edit::Edit;
use crate::fault::{FaultSpec, row};

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "message/search-lags",
        RequirementId::MessageSearchFinds,
        "Search does not find the newest message.",
        |fault| {
            fault.edit_responses(
                &[MessagesSearch],
                Edit::Map(&[""], |found| {
                    if let Some(results) = found["results"].as_array_mut()
                        && !results.is_empty()
                    {
                        results.remove(0);
                        found["count"] = json!(found["count"].as_i64().unwrap_or(1) - 1);
                    }
                }),
            )
        },
    ),
    row(
        "message/searches-for-beginnings",
        RequirementId::MessageSearchOnlyMatches,
        "Search matches only the first three characters of the query.",
        |fault| {
            fault.listing.search = Some(|base, _, store, search, window| {
                let text = search.text.get(..3).unwrap_or(search.text);
                base.search(store, Search { text, ..search }, window)
            });
        },
    ),
    row(
        "message/searches-all-rooms",
        RequirementId::MessageSearchWithinRoom,
        "Search ignores `room`.",
        |fault| {
            fault.listing.search = Some(|base, _, store, search, window| {
                base.search(store, Search { room: None, ..search }, window)
            });
        },
    ),
    row(
        "message/searches-foreign-rooms",
        RequirementId::MessageSearchOwnRoomsOnly,
        "Search finds messages of rooms that the user is not in.",
        |fault| {
            fault.listing.search = Some(|base, _, store, search, window| {
                let (count, mut messages) = base.search(store, search, window)?;
                messages.extend(messages_of_outsider(store, search)?);
                Ok((count, messages))
            });
        },
    ),
    row(
        "message/searches-short-texts",
        RequirementId::MessageSearchMinimum,
        "Search accepts queries of any length.",
        |fault| fault.validation.check_search = Some(|_, _, _| Ok(())),
    ),
];
