//! Searches for messages, their results, and the messages that match them.

use ahash::{AHashMap, AHashSet};
use hearback_contract::{MessageRef, Operation, UserId};
use hearback_history::Call;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::model::Message;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::rules::answer::{quoted, success};
use crate::violation::Violation;

/// Maximum number of messages to check per word; more do not fit a page.
pub(in crate::rules) const MAX_MATCHES: usize = 200;

/// Messages of this run by word. Words are separated by white space, and stripped of punctuation.
pub(super) type Words<'m, 'h> = AHashMap<&'h str, Vec<&'m Message<'h>>>;

pub(super) fn words<'h>(input: RuleInput<'h>) -> Words<'h, 'h> {
    let mut words: Words<'h, 'h> = AHashMap::new();
    for message in input.model.messages.values() {
        let contents = message.versions.iter().map(|version| version.content);
        let all = contents
            .flat_map(str::split_whitespace)
            .map(|word| word.trim_matches(|letter: char| letter.is_ascii_punctuation()));
        for word in all.filter(|word| is_token(word)).collect::<AHashSet<_>>() {
            words.entry(word).or_default().push(message);
        }
    }
    words
}

pub(crate) fn is_word(text: &str) -> bool {
    text.chars().count() >= 3 && text.chars().all(char::is_alphanumeric)
}

/// Returns whether a text has at least three characters, none of which separates words.
pub(super) fn is_token(text: &str) -> bool {
    let separates = |letter: char| {
        letter.is_whitespace() || letter.is_control() || letter.is_ascii_punctuation()
    };
    text.chars().count() >= 3 && !text.contains(separates)
}

/// Returns the searches with a valid token, the caller and the query.
pub(super) fn searches<'h>(
    input: RuleInput<'h>,
) -> impl Iterator<Item = (&'h Call, UserId, &'h str)> {
    input
        .history
        .calls_of(Operation::MessagesSearch)
        .filter(|call| call.is_authorized())
        .filter_map(move |call| {
            Some((call, input.model.user_id(&call.invocation.actor)?, call.query("q")?))
        })
}

/// Returns whether a search has a valid token and covers no room that the caller may not read.
pub(super) fn may_search(input: RuleInput<'_>, call: &Call) -> bool {
    let user = input.model.user_id(&call.invocation.actor);
    let is_own = || {
        let room = input.model.room_of(call);
        room.zip(user).is_some_and(|(room, user)| room.surely_member(user, call.interval()))
    };
    call.is_authorized() && (call.room_in_query().is_none() || is_own())
}

/// Returns the ids of the messages found, if the response is a list.
pub(super) fn found(call: &Call) -> Option<AHashSet<MessageRef<'_>>> {
    Some(
        call.items()?
            .iter()
            .filter_map(|item| item.get("id").and_then(MessageRef::from_json))
            .collect(),
    )
}

/// Returns whether the response has every match: it is the first page, and no other follows.
pub(crate) fn is_complete(call: &Call) -> bool {
    let Some(body) = call.success() else { return false };
    let items = call.items().map_or(0, Vec::len);
    let names = ["q", "room"];
    let is_first = call.invocation.query.iter().all(|(name, _)| names.contains(&name.as_str()));
    let is_last = match body.as_object() {
        Some(page) => {
            page.get("next").is_some_and(Value::is_null)
                && page.get("count").and_then(Value::as_u64) == Some(items as u64)
        }
        // An array does not say whether it is complete.
        None => items < 50,
    };
    is_first && is_last
}

/// Returns the messages found that this run sent.
pub(crate) fn hits<'h>(
    input: RuleInput<'h>,
    call: &'h Call,
) -> impl Iterator<Item = (&'h Value, &'h Message<'h>)> {
    call.items().into_iter().flatten().filter_map(move |item| {
        Some((item, input.model.message(item.get("id").and_then(MessageRef::from_json)?)?))
    })
}

/// Returns whether a text contains the query or, for every word of the query, a word of the same stem
/// (search-matching). Neither case nor accents count (search-normalization).
pub(crate) fn matches(text: &str, query: &str) -> bool {
    let plain = |text: &str| -> String {
        let letters = text.nfd().filter(|letter| !is_combining_mark(*letter));
        letters.flat_map(char::to_lowercase).collect()
    };
    let (text, query) = (plain(text), plain(query));
    let split = |text: &str| -> Vec<String> {
        let words = text.split(|letter: char| !letter.is_alphanumeric());
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let stem = |word: &str| word.chars().take(3).collect::<String>();
    let (words, wanted) = (split(&text), split(&query));
    text.contains(query.trim())
        || !wanted.is_empty()
            && wanted.iter().all(|want| words.iter().any(|word| word.starts_with(&stem(want))))
}

/// Checks that the messages that searches for the queries of one kind find match the query, in any of their contents
/// or in the name of their file. Messages that may be deleted or are ambiguous are skipped.
pub(super) fn check_matches<'h>(
    input: RuleInput<'h>,
    is_concerned: fn(&str) -> bool,
    context: &mut RuleContext<'h>,
) {
    for (call, _, query) in searches(input).filter(|(.., query)| is_concerned(query)) {
        success(call, context);
        for (item, message) in hits(input, call) {
            if message.maybe_deleted(call.interval()) || input.model.is_ambiguous(message) {
                continue;
            }
            let shown = item.get("content").and_then(Value::as_str);
            let name = message.file.as_ref().map(|file| file.name);
            let contents = message.versions.iter().map(|version| version.content);
            let is_match = contents.chain(shown).chain(name).any(|text| matches(text, query));
            context.check(is_match, || {
                Violation::new(
                    "messages.search",
                    format!("every message found contains {}", quoted(query)),
                    format!("it finds {}", quoted(shown.unwrap_or_default())),
                )
                .evidence(message.origin)
                .evidence(call)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_case_nor_accents_count() {
        assert!(matches("a caf\u{e9}", "CAFE\u{301}"));
        assert!(matches("a cafe\u{301}", "caf\u{e9}"));
        assert!(matches("a cafe", "caf\u{e9}"));
        assert!(!matches("a tea", "caf\u{e9}"));
    }
}

#[cfg(test)]
pub(super) mod testing {
    //! Two messages, and searches for them.

    pub(in super::super) const SENT: &str = r#"
        alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
        alice rooms.create {"room_type": "group", "participant_ids": []} => 201 @room {"id": "$r2"}
        alice messages.send {"room": "$r1", "content": "a zebra, running"} => 201 @message {"id": "$m1", "room": "$r1"}
        alice messages.send {"room": "$r2", "content": "one more zebra"} => 201 @message {"id": "$m2", "room": "$r2"}
    "#;

    /// The first message after the edit.
    pub(in super::super) const EDITED: &str =
        r#"@message {"id": "$m1", "room": "$r1", "content": "a giraffe"}"#;

    /// Bob searches after the first message was edited.
    pub(in super::super) fn edited(query: &str, results: &[&str]) -> String {
        let edit =
            r#"alice messages.edit $m1 {"content": "a giraffe"} => 200 @message {"id": "$m1"}"#;
        search("bob", query, results).replace("[90..99]", &format!("{edit}\n[90..99]"))
    }

    pub(in super::super) fn search(who: &str, query: &str, results: &[&str]) -> String {
        format!(
            r#"{SENT}
            [90..99] {who} messages.search {query} => 200 {{"count": {}, "next": null, "previous": null, "results": [{}]}}"#,
            results.len(),
            results.join(", ")
        )
    }
}
