//! Messages that a search must find.

use hearback_contract::UserId;
use hearback_history::{Call, Interval};

use super::searches::{MAX_MATCHES, found, is_complete, searches, words};
use crate::model::Message;
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::rules::answer::{quoted, success};
use crate::violation::Violation;

/// Checks that searches for the queries that `is_sought` selects find the messages that certainly contain the query
/// as a word and that `is_expected` selects. A missing message is blamed only if the result is complete.
pub(super) fn check_found<'h>(
    input: RuleInput<'h>,
    is_sought: fn(&str) -> bool,
    is_expected: fn(&Message<'h>) -> bool,
    context: &mut RuleContext<'h>,
) {
    let mut index = None;
    for (call, user, query) in searches(input) {
        if !is_sought(query) || success(call, context).is_none() {
            continue;
        }
        let Some(found) = found(call) else { continue };
        let messages = index.get_or_insert_with(|| words(input)).get(query);
        let is_complete = is_complete(call);
        let candidates = messages.into_iter().flatten().filter(|message| is_expected(message));
        for message in candidates.take(MAX_MATCHES) {
            let is_found = found.contains(&message.id.borrowed());
            if !must_be_found(input, call, user, query, message) {
                continue;
            }
            if !is_found && !is_complete {
                context.inconclusive(Reason::IncompleteList);
                continue;
            }
            context.check(is_found, || {
                let scope = if call.room_in_query().is_some() { " with room" } else { "" };
                Violation::new(
                    format!("messages.search{scope}"),
                    format!("a search for {} finds the message that contains it", quoted(query)),
                    format!("it finds {} messages, but not this one", found.len()),
                )
                .evidence(message.origin)
                .evidence(call)
            });
        }
    }
}

/// Returns whether the message certainly contains the word during the search, and the caller can
/// certainly see it.
fn must_be_found<'h>(
    input: RuleInput<'h>,
    call: &Call,
    user: UserId,
    query: &str,
    message: &Message<'h>,
) -> bool {
    is_visible(input, call, user, message)
        && !message.maybe_deleted(call.interval())
        && message.contents(call.interval()).all(|content| {
            let words = content.split_whitespace();
            let punctuation = |letter: char| letter.is_ascii_punctuation();
            words.map(|word| word.trim_matches(punctuation)).any(|word| word == query)
        })
}

/// Returns whether the message was certainly sent before the search, to a room that the search covers and whose
/// messages the caller can certainly see.
pub(super) fn is_visible<'h>(
    input: RuleInput<'h>,
    call: &Call,
    user: UserId,
    message: &Message<'h>,
) -> bool {
    // Earlier messages may be hidden from members who joined later, and archived rooms may be omitted.
    let visible = Interval { invoked: message.sent.invoked, ..call.interval() };
    message.sent.precedes(call.interval())
        && !input.model.is_ambiguous(message)
        && input.model.rooms.get(&message.room).is_some_and(|room| {
            room.surely_member(user, visible)
                && room.surely_active(visible)
                && call.room_in_query().is_none_or(|requested| requested == room.id)
        })
}
