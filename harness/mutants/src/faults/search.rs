//! Faults of search; of the family `message`.

use hearback_contract::Operation::MessagesSearch;
use hearback_contract::RequirementId;
use hearback_reference::store::messages::Message;
use hearback_reference::store::search::Search;
use hearback_reference::store::{Store, Window};
use rusqlite::Result;
use serde_json::json;

use super::outsiders::messages_of_outsider;
use crate::edit::Edit;
use crate::fault::{FaultSpec, row};
use crate::memory::Memory;

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
    row(
        "message/searches-unedited",
        RequirementId::MessageSearchFindsEdited,
        "Search does not find edited messages.",
        |fault| {
            fault.listing.search = Some(|base, _, store, search, window| {
                let (count, mut found) = base.search(store, search, window)?;
                let all = found.len();
                found.retain(|message| message.edited_at.is_none());
                Ok((count - (all - found.len()) as i64, found))
            });
        },
    ),
    row(
        "message/searches-first-texts",
        RequirementId::MessageSearchForgetsEdited,
        "Search also finds edited messages by their first content.",
        |fault| {
            fault.storage.edit_message = Some(|base, memory, store, message, content, now| {
                if memory.texts.get(message.id).is_none() {
                    memory.keep_text(message);
                }
                base.edit_message(store, message, content, now)
            });
            fault.listing.search = Some(|base, memory, store, search, window| {
                let (count, mut found) = base.search(store, search, window)?;
                let old = edited_messages(store, search, memory)?;
                let added = old.len() as i64;
                found.extend(old);
                Ok((count + added, found))
            });
        },
    ),
    row(
        "message/searches-ascii",
        RequirementId::MessageSearchFindsAnyScript,
        "Search finds nothing if the query is not ASCII.",
        |fault| {
            fault.listing.search =
                Some(|base, _, store, search, window| match search.text.is_ascii() {
                    true => base.search(store, search, window),
                    false => Ok((0, Vec::new())),
                });
        },
    ),
    row(
        "message/searches-patterns",
        RequirementId::MessageSearchTakesTextLiterally,
        "`%` and `_` in queries are wildcards.",
        |fault| {
            fault.listing.search = Some(|base, _, store, search, window| {
                if !search.text.contains(['%', '_']) {
                    return base.search(store, search, window);
                }
                let (_, mut found) =
                    base.search(store, Search { text: "", ..search }, Window::ALL)?;
                found.retain(|message| contains_pattern(&message.content, search.text));
                found.truncate(FIRST_PAGE);
                Ok((found.len() as i64, found))
            });
        },
    ),
    row(
        "message/searches-minimum-of-bytes",
        RequirementId::MessageSearchMinimumInCharacters,
        "Search accepts queries of three bytes.",
        |fault| {
            fault.validation.check_search = Some(|base, _, text| match text.len() >= 3 {
                true => Ok(()),
                false => base.check_search(text),
            });
        },
    ),
];

/// Number of messages of the first page.
const FIRST_PAGE: usize = 50;

/// Messages that the user can see and whose first content contains the text, but not the present one.
fn edited_messages(store: &Store, search: Search<'_>, memory: &Memory) -> Result<Vec<Message>> {
    let mut messages = Vec::new();
    for (id, old) in memory.texts.entries() {
        let Some(message) = store.message(id)?.filter(|_| old.contains(search.text)) else {
            continue;
        };
        let participant = store.participant_of(message.room, search.user)?;
        let is_visible = participant.is_some_and(|it| it.left_at.is_none())
            && search.room.is_none_or(|room| room == message.room)
            && message.deleted_at.is_none();
        if is_visible && !message.content.contains(search.text) {
            messages.push(message);
        }
    }
    Ok(messages)
}

/// True if a part of the text matches a pattern of `LIKE`.
fn contains_pattern(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<_>, Vec<_>) = (text.chars().collect(), pattern.chars().collect());
    (0..=text.len()).any(|start| matches(&text[start..], &pattern))
}

/// True if the text begins with a match of the pattern.
fn matches(text: &[char], pattern: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, _) => true,
        (Some(('%', rest)), _) => (0..=text.len()).any(|start| matches(&text[start..], rest)),
        (Some(('_', rest)), Some((_, text))) => matches(text, rest),
        (Some((letter, rest)), Some((own, text))) => letter == own && matches(text, rest),
        (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::contains_pattern;

    #[test]
    fn patterns_have_two_wildcards() {
        for (text, pattern, expected) in [
            ("a zebra", "z%ra", true),
            ("a zebra", "z_bra", true),
            ("a zebra", "z_ra", false),
            ("a zebra", "___", true),
            ("ab", "___", false),
            ("", "%%%", true),
        ] {
            assert_eq!(contains_pattern(text, pattern), expected, "{pattern} in {text}");
        }
    }
}
