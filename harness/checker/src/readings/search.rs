//! Searches for messages.

use hearback_contract::{AmbiguityId, Operation, ReadingId};
use hearback_history::Call;
use unicode_normalization::UnicodeNormalization as _;

use super::observation::ReadingObservations;
use super::observer::{Observer, row};
use crate::model::Message;
use crate::rule::RuleInput;
use crate::rules::message::searches::{hits, is_complete};

pub(super) const ROWS: &[Observer] = &[
    row(AmbiguityId::SearchMatching, search_matching),
    row(AmbiguityId::SearchNormalization, search_normalization),
];

/// The way in which a text contains a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Match {
    /// The word itself, in its own case.
    Word,
    /// A part of a word, in its own case.
    Part,
    /// A word or a part of one, in another case.
    OtherCase,
    /// A word of the same stem.
    Stem,
    /// Not at all.
    Nothing,
}

/// Returns how a text contains a query of one word.
fn match_of(text: &str, query: &str) -> Match {
    let words = || text.split(|letter: char| !letter.is_alphanumeric());
    let shared = |word: &str| {
        let letters = word.chars().zip(query.chars());
        letters.take_while(|(left, right)| left.eq_ignore_ascii_case(right)).count()
    };
    if words().any(|word| word == query) {
        Match::Word
    } else if text.contains(query) {
        Match::Part
    } else if text.to_lowercase().contains(&query.to_lowercase()) {
        Match::OtherCase
    } else if words().any(|word| shared(word) >= 3) {
        Match::Stem
    } else {
        Match::Nothing
    }
}

fn search_matching(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let (mut part, mut other_case, mut stem) = (None, None, None);
    for call in input.history.calls_of(Operation::MessagesSearch) {
        let query = call.query("q").unwrap_or_default();
        let is_word = query.chars().count() >= 3 && query.chars().all(char::is_alphanumeric);
        if !is_word || !call.is_authorized() || call.items().is_none() {
            continue;
        }
        let found: Vec<_> = hits(input, call).map(|(_, message)| message).collect();
        for message in &found {
            // Other forms of Unicode are left to `search-normalization`.
            let Some(text) = text(message).filter(|it| !is_equivalent(it, query)) else { continue };
            match match_of(text, query) {
                Match::Part => part = Some((call, true)),
                Match::OtherCase => other_case = Some((call, true)),
                Match::Stem => stem = Some(call),
                Match::Word | Match::Nothing => {}
            }
        }
        if found.is_empty() && is_complete(call) {
            let is_sought = |it: &Match| matches!(it, Match::Part | Match::OtherCase);
            match missed(input, call, |text| Some(match_of(text, query)).filter(is_sought)) {
                Some(Match::Part) => part = part.or(Some((call, false))),
                Some(Match::OtherCase) => other_case = other_case.or(Some((call, false))),
                _ => {}
            }
        }
    }
    let reading = match (part.map(|it| it.1), other_case.map(|it| it.1)) {
        _ if stem.is_some() => ReadingId::SearchMatchingStems,
        (Some(true), Some(true)) => ReadingId::SearchMatchingSubstrings,
        (Some(true), Some(false)) => ReadingId::SearchMatchingCase,
        (Some(false), Some(true)) => ReadingId::SearchMatchingWords,
        _ => return,
    };
    if let Some(call) = stem.or(part.map(|it| it.0)) {
        observations.takes(reading, call);
    }
}

/// The only text that a message ever had.
fn text<'h>(message: &Message<'h>) -> Option<&'h str> {
    match &message.versions[..] {
        [version] => Some(version.content),
        _ => None,
    }
}

/// Returns whether a text contains the characters of a query in another form of Unicode only.
fn is_equivalent(text: &str, query: &str) -> bool {
    let composed = |text: &str| text.nfc().collect::<String>();
    !text.contains(query) && composed(text).contains(&composed(query))
}

fn search_normalization(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    for call in input.history.calls_of(Operation::MessagesSearch) {
        let query = call.query("q").unwrap_or_default();
        if query.is_ascii() || !call.is_authorized() || call.items().is_none() {
            continue;
        }
        let mut found = hits(input, call).filter_map(|(_, message)| text(message));
        if found.any(|text| is_equivalent(text, query)) {
            observations.takes(ReadingId::SearchNormalizationEquivalent, call);
        } else if is_complete(call)
            && missed(input, call, |text| is_equivalent(text, query).then_some(())).is_some()
        {
            observations.takes(ReadingId::SearchNormalizationExact, call);
        }
    }
}

/// The first result of `look` for a text that the caller can see and that the search did not find.
fn missed<T>(input: RuleInput<'_>, call: &Call, look: impl Fn(&str) -> Option<T>) -> Option<T> {
    const MAX_MESSAGES: usize = 1_000;
    let viewer = input.model.user_id(&call.invocation.actor)?;
    let at = call.interval();
    let rooms = input.model.rooms.values().rev().filter(|room| {
        call.room_in_query().is_none_or(|id| id.as_str() == room.id.as_str())
            && room.surely_initial_member(viewer, at)
            && room.surely_active(at)
    });
    let newest = rooms.flat_map(|room| room.messages.iter().rev()).take(MAX_MESSAGES);
    let visible = newest.filter_map(|id| input.model.messages.get(id)).filter(|message| {
        message.sent.precedes(at)
            && message.deletions.is_empty()
            && !input.model.is_ambiguous(message)
    });
    let mut results = visible.filter_map(|message| look(text(message)?));
    results.next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readings::testing::observed;

    #[test]
    fn a_text_contains_a_query_in_one_way() {
        for (query, expected) in [
            ("zebra", Match::Word),
            ("zeb", Match::Part),
            ("ZEBRA", Match::OtherCase),
            ("zebu", Match::Stem),
            ("lion", Match::Nothing),
        ] {
            assert!(match_of("a zebra, here", query) == expected, "{query}");
        }
    }

    #[test]
    fn a_search_finds_equivalent_texts_or_not() {
        let of = |results: &str| {
            let lines = format!(
                r#"
                [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
                [3..4] alice messages.send {{"room": "$r1", "content": "cafe\u0301"}} => 201 @message {{"id": "$m1", "room": "$r1"}}
                alice messages.search ?q=café => 200 [{results}]"#
            );
            observed("search-normalization", &lines)
        };
        let hit = r#"@message {"id": "$m1", "room": "$r1", "content": "cafe\u0301"}"#;
        assert_eq!(of(hit), ["equivalent"]);
        assert_eq!(of(""), ["exact"]);
    }

    #[test]
    fn searches_for_a_part_and_in_another_case_show_the_matching() {
        let of = |part: &str, other_case: &str| {
            let lines = format!(
                r#"
                [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
                [3..4] alice messages.send {{"room": "$r1", "content": "a zebra"}} => 201 @message {{"id": "$m1", "room": "$r1"}}
                alice messages.search ?q=zeb => 200 [{part}]
                alice messages.search ?q=ZEBRA => 200 [{other_case}]"#
            );
            observed("search-matching", &lines)
        };
        let hit = r#"@message {"id": "$m1", "room": "$r1", "content": "a zebra"}"#;
        assert_eq!(of(hit, hit), ["substrings"]);
        assert_eq!(of(hit, ""), ["case"]);
        assert_eq!(of("", hit), ["words"]);
        assert!(of("", "").is_empty());
    }
}
