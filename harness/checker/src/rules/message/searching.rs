//! What messages.search finds, and what it must not.

use ahash::{AHashMap, AHashSet};
use hearback_contract::Operation;
use hearback_history::{Call, Interval};
use serde_json::Value;

use crate::model::{Message, Room};
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::{quoted, success};

/// A word in more messages than this tells nothing: not all of them fit a page.
pub(in crate::rules) const COMMON: usize = 200;

/// Messages of this run by word. A word stands between white space, but for punctuation.
type Words<'w, 'h> = AHashMap<&'h str, Vec<&'w Message<'h>>>;

fn words<'h>(input: RuleInput<'h>) -> Words<'h, 'h> {
    let mut words: Words<'h, 'h> = AHashMap::new();
    for message in input.model.messages.values() {
        let Some(version) = message.versions.first() else { continue };
        let all = version
            .content
            .split_whitespace()
            .map(|word| word.trim_matches(|letter: char| letter.is_ascii_punctuation()));
        for word in all.filter(|word| is_word(word)).collect::<AHashSet<_>>() {
            words.entry(word).or_default().push(message);
        }
    }
    words
}

pub(in crate::rules) fn is_word(text: &str) -> bool {
    text.chars().count() >= 3 && text.chars().all(char::is_alphanumeric)
}

/// Searches by users with a valid token, with what they asked for.
fn searches<'h>(input: RuleInput<'h>) -> impl Iterator<Item = (&'h Call, i64, &'h str)> {
    input
        .history
        .calls_of(Operation::MessagesSearch)
        .filter(|call| call.is_authorized())
        .filter_map(move |call| {
            Some((call, input.model.user_id(&call.invocation.actor)?, call.query("q")?))
        })
}

/// Ids of what was found, where the answer is a list.
fn found(call: &Call) -> Option<AHashSet<&str>> {
    Some(call.items()?.iter().filter_map(|item| item.get("id")?.as_str()).collect())
}

/// Whether every match is in the answer: it is the first page, and no other follows.
pub(in crate::rules) fn is_complete(call: &Call) -> bool {
    let Some(body) = call.success() else { return false };
    let items = call.items().map_or(0, Vec::len);
    let names = ["q", "room"];
    let is_first = call.invocation.query.iter().all(|(name, _)| names.contains(&name.as_str()));
    let is_last = match body.as_object() {
        Some(page) => {
            page.get("next").is_some_and(Value::is_null)
                && page.get("count").and_then(Value::as_u64) == Some(items as u64)
        }
        // An array may be cut without saying so.
        None => items < 50,
    };
    is_first && is_last
}

pub(super) fn finds<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut index = None;
    for (call, user, query) in searches(input) {
        if !is_word(query) || success(call, context).is_none() {
            continue;
        }
        let Some(found) = found(call) else { continue };
        let messages = index.get_or_insert_with(|| words(input)).get(query);
        let is_complete = is_complete(call);
        for message in messages.into_iter().flatten().take(COMMON) {
            let is_found = found.contains(message.id.as_str());
            if !must_be_found(input, call, user, query, message) {
                continue;
            }
            if !is_found && !is_complete {
                context.inconclusive("there may be more pages");
                continue;
            }
            context.check(is_found, || {
                let scope = if call.query("room").is_some() { " with room" } else { "" };
                Violation::new(
                    format!("messages.search{scope}"),
                    format!("a search for {} finds the message that contains it", quoted(query)),
                    format!("{} messages found, this one not among them", found.len()),
                )
                .evidence(message.origin)
                .evidence(call)
            });
        }
    }
}

/// Whether the message surely contains the word while it is searched, and the searcher surely sees it.
fn must_be_found<'h>(
    input: RuleInput<'h>,
    call: &Call,
    user: i64,
    query: &str,
    message: &Message<'h>,
) -> bool {
    // What was sent before somebody joined may be hidden from them, and archived rooms left out.
    let sight = Interval { invoked: message.sent.invoked, ..call.interval() };
    let is_visible = input.model.rooms.get(&message.room).is_some_and(|room| {
        room.surely_member(user, sight)
            && room.surely_active(sight)
            && call.query("room").is_none_or(|asked| asked == room.id)
    });
    is_visible
        && message.sent.precedes(call.interval())
        && !message.maybe_deleted(call.interval())
        && !input.model.is_ambiguous(message)
        && message.contents(call.interval()).all(|content| {
            let words = content.split_whitespace();
            let punctuation = |letter: char| letter.is_ascii_punctuation();
            words.map(|word| word.trim_matches(punctuation)).any(|word| word == query)
        })
}

/// Found messages of this run.
fn hits<'h>(
    input: RuleInput<'h>,
    call: &'h Call,
) -> impl Iterator<Item = (&'h Value, &'h Message<'h>)> {
    call.items()
        .into_iter()
        .flatten()
        .filter_map(move |item| Some((item, input.model.messages.get(item.get("id")?.as_str()?)?)))
}

pub(super) fn only_matches<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, _, query) in searches(input) {
        // What is left of other letters and of punctuation is for the search to say (search-matching).
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || " -_".contains(letter);
        if !query.chars().all(is_plain) {
            continue;
        }
        success(call, context);
        for (item, message) in hits(input, call) {
            if message.maybe_deleted(call.interval()) || input.model.is_ambiguous(message) {
                continue;
            }
            let shown = item.get("content").and_then(Value::as_str);
            let name = message.file.as_ref().map(|file| file.name);
            let is_match = message
                .contents(call.interval())
                .chain(shown)
                .chain(name)
                .any(|text| matches(text, query));
            context.check(is_match, || {
                Violation::new(
                    "messages.search",
                    format!("every message found contains {}", quoted(query)),
                    format!("found {}", quoted(shown.unwrap_or_default())),
                )
                .evidence(message.origin)
                .evidence(call)
            });
        }
    }
}

/// Whether a text contains the query, or, for every word of it, a word of the same stem
/// (search-matching).
pub(in crate::rules) fn matches(text: &str, query: &str) -> bool {
    let (text, query) = (text.to_lowercase(), query.to_lowercase());
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

pub(super) fn within_room<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, _, query) in searches(input) {
        let Some(asked) = call.query("room") else { continue };
        success(call, context);
        for item in call.items().into_iter().flatten() {
            let Some(room) = item.get("room").and_then(Value::as_str) else {
                context.inconclusive("`room` is absent or mistyped: see the schema requirements");
                continue;
            };
            context.check(room.eq_ignore_ascii_case(asked), || {
                Violation::new(
                    "messages.search room",
                    format!(
                        "a search for {} in room {asked} finds its messages only",
                        quoted(query)
                    ),
                    format!("found one of room {room}"),
                )
                .evidence(call)
            });
        }
    }
}

pub(super) fn own_rooms_only<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut index = None;
    for (call, user, query) in searches(input) {
        let Some(found) = success(call, context).and_then(|_| found(call)) else { continue };
        for (_, message) in hits(input, call) {
            let Some(room) = input.model.rooms.get(&message.room) else { continue };
            context.check(!was_never_in(room, user, call), || {
                Violation::new(
                    "messages.search",
                    format!(
                        "{} finds nothing in rooms that they never were in",
                        call.invocation.actor
                    ),
                    format!("found a message of {}'s room", room.creator),
                )
                .evidence(message.origin)
                .evidence(call)
            });
        }
        // Silence counts only where there was something to find.
        let messages = index.get_or_insert_with(|| words(input)).get(query);
        for message in messages.into_iter().flatten().take(COMMON) {
            let room = input.model.rooms.get(&message.room);
            if message.sent.precedes(call.interval())
                && !found.contains(message.id.as_str())
                && room.is_some_and(|room| was_never_in(room, user, call))
            {
                context.held();
            }
        }
    }
}

/// Whether the user surely was no member of the room until the call was answered.
fn was_never_in(room: &Room<'_>, user: i64, call: &Call) -> bool {
    let stays = room.members.get(&user).into_iter().flatten();
    stays.into_iter().all(|stay| call.interval().precedes(stay.joined))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const SENT: &str = r#"
        alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
        alice rooms.create {"room_type": "group", "participant_ids": []} => 201 @room {"id": "$r2"}
        alice messages.send {"room": "$r1", "content": "a zebra, running"} => 201 @message {"id": "$m1", "room": "$r1"}
        alice messages.send {"room": "$r2", "content": "one more zebra"} => 201 @message {"id": "$m2", "room": "$r2"}
    "#;
    const M1: &str = r#"@message {"id": "$m1", "room": "$r1", "content": "a zebra, running"}"#;
    const M2: &str = r#"@message {"id": "$m2", "room": "$r2", "content": "one more zebra"}"#;

    fn search(who: &str, query: &str, results: &[&str]) -> String {
        format!(
            r#"{SENT}
            [90..99] {who} messages.search {query} => 200 {{"count": {}, "next": null, "previous": null, "results": [{}]}}"#,
            results.len(),
            results.join(", ")
        )
    }

    fn paged(results: &str) -> String {
        format!(
            r#"{SENT}
            bob messages.search ?q=zebra => 200 {{"count": 7, "next": "http://target.test/api/?page=2", "results": [{results}]}}"#
        )
    }

    #[test]
    fn whole_words_are_found() {
        let rule = "message/search-finds";
        let meanwhile = |line: &str| format!("{}\n{line}", search("bob", "?q=zebra", &[]));
        assert_states(&[
            (rule, Held, &search("bob", "?q=zebra", &[M1])),
            (rule, Held, &search("bob", "?q=zebra&room=$r1", &[M1])),
            (rule, Broken, &search("bob", "?q=zebra", &[])),
            (rule, Broken, &search("alice", "?q=zebra", &[M1])),
            (rule, Held, &search("alice", "?q=zebra&room=$r2", &[M2])),
            // Part of a word, another case, and nothing to find.
            (rule, NotExercised, &search("bob", "?q=zeb", &[])),
            (rule, NotExercised, &search("bob", "?q=ZEBRA", &[])),
            (rule, NotExercised, &search("carol", "?q=zebra", &[])),
            (rule, Undecided, &paged("")),
            (rule, Held, &paged(M1)),
            (
                rule,
                NotExercised,
                &meanwhile(r#"[80..95] alice messages.edit $m1 {"content": "b"} => 200 @message"#),
            ),
            (rule, NotExercised, &meanwhile("[80..95] alice messages.delete $m1 => ?")),
            (rule, NotExercised, &meanwhile("[80..95] bob rooms.leave $r1 => ?")),
        ]);
    }

    #[test]
    fn what_is_found_contains_the_query() {
        let rule = "message/search-only-matches";
        assert_states(&[
            (rule, Held, &search("alice", "?q=ZEBRA", &[M1, M2])),
            (rule, Held, &search("alice", "?q=runs", &[M1])),
            (rule, Broken, &search("alice", "?q=running", &[M1, M2])),
            (rule, NotExercised, &search("alice", "?q=zebra", &["@message"])),
        ]);
    }

    #[test]
    fn a_room_limits_the_search() {
        let rule = "message/search-within-room";
        assert_states(&[
            (rule, Held, &search("alice", "?q=zebra&room=$r1", &[M1])),
            (rule, Broken, &search("alice", "?q=zebra&room=$r1", &[M1, M2])),
            (rule, NotExercised, &search("alice", "?q=zebra", &[M1, M2])),
        ]);
    }

    #[test]
    fn nothing_is_found_elsewhere() {
        let rule = "message/search-own-rooms-only";
        let joined = format!(
            "{}\n[70..75] alice participants.add {{\"room\": \"$r2\", \"user\": 2}} => ?",
            search("bob", "?q=zebra", &[M1, M2])
        );
        assert_states(&[
            (rule, Held, &search("bob", "?q=zebra", &[M1])),
            (rule, Broken, &search("bob", "?q=zebra", &[M1, M2])),
            (rule, Broken, &search("carol", "?q=zebra", &[M1])),
            (rule, Held, &search("carol", "?q=zebra", &[])),
            (rule, NotExercised, &search("carol", "?q=nothing", &[])),
            (rule, Held, &joined),
        ]);
    }
}
