//! Readings of searches for messages.

use std::collections::HashSet;

use hearback_contract::ReadingId;
use hearback_reference::rules::Listing;
use hearback_reference::store::messages::Message;
use hearback_reference::store::search::Search;
use hearback_reference::store::{Store, Window};
use rusqlite::Result;
use unicode_normalization::UnicodeNormalization as _;

use super::lookup::part;
use super::switch::{ReadingSwitch, row};
use super::words::{stem, words};

pub(super) const ROWS: &[ReadingSwitch] = &[
    row(ReadingId::SearchMatchingCase, |reading| {
        reading.listing.search = Some(|base, _, store, search, window| {
            let (_, mut found) = base.search(store, search, Window::ALL)?;
            found.retain(|message| message.content.contains(search.text));
            Ok(part(found, window))
        });
    }),
    row(ReadingId::SearchMatchingWords, |reading| {
        reading.listing.search = Some(|base, _, store, search, window| {
            Ok(part(matching(base, store, search, |word| word)?, window))
        });
    }),
    row(ReadingId::SearchMatchingStems, |reading| {
        reading.listing.search = Some(|base, _, store, search, window| {
            Ok(part(matching(base, store, search, stem)?, window))
        });
    }),
    row(ReadingId::SearchNormalizationEquivalent, |reading| {
        reading.listing.search = Some(|base, _, store, search, window| {
            if search.text.is_ascii() {
                return base.search(store, search, window);
            }
            let (_, found) = base.search(store, search, Window::ALL)?;
            let ids: HashSet<_> = found.into_iter().map(|message| message.id).collect();
            let composed = |text: &str| text.to_lowercase().nfc().collect::<String>();
            let wanted = composed(search.text);
            // Whatever the rules below find stays found.
            let mut all = store.search(Search { text: "", ..search }, Window::ALL)?;
            all.retain(|it| ids.contains(&it.id) || composed(&it.content).contains(&wanted));
            Ok(part(all, window))
        });
    }),
];

/// The messages that contain every word of a search, compared by `form`.
fn matching(
    base: &dyn Listing,
    store: &Store,
    search: Search<'_>,
    form: fn(&str) -> &str,
) -> Result<Vec<Message>> {
    let wanted = words(search.text);
    let Some(first) = wanted.first() else { return Ok(Vec::new()) };
    let candidates = Search { text: form(first), ..search };
    let (_, mut found) = base.search(store, candidates, Window::ALL)?;
    found.retain(|message| {
        let own = words(&message.content);
        let contains = |word: &String| own.iter().any(|own| form(own) == form(word));
        wanted.iter().all(contains)
    });
    Ok(found)
}
