//! Rejected sends, and observations of their messages.

use ahash::AHashMap;
use hearback_contract::{Operation, RoomRef, ServerEvent};
use hearback_history::{Call, Nanoseconds};

use super::Attempts;
use crate::model::MessageObservation;
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::violation::Violation;

/// A rejected or failed messages.send to a room of this run, with a text that was used once.
#[derive(Clone, Copy, Debug)]
pub(in crate::rules) struct RefusedSend<'h> {
    pub(in crate::rules) call: &'h Call,
    pub(in crate::rules) text: &'h str,
    /// The first observation of a message with its text.
    pub(in crate::rules) observation: Option<&'h MessageObservation<'h>>,
    /// True if messages of the room were requested or received afterwards.
    pub(in crate::rules) is_watched: bool,
}

impl<'h> RefusedSend<'h> {
    /// Reports whether the message appears, which it must not; `consequence` completes what was observed.
    pub(super) fn check_absence(
        &self,
        variant: &str,
        expected: impl FnOnce() -> String,
        consequence: &str,
        context: &mut RuleContext<'h>,
    ) {
        let Some(observation) = self.observation else {
            match self.is_watched {
                true => context.held(),
                false => context.inconclusive(Reason::NothingFollowed),
            }
            return;
        };
        let place = observation.place();
        context.check(false, || {
            Violation::new(
                format!("{variant}, and shown by {place}"),
                expected(),
                format!("{place} shows it{consequence}"),
            )
            .evidence(self.call)
            .evidence(observation.evidence)
        });
    }
}

/// Every rejected send, in the order of the history.
pub(in crate::rules) fn refused_sends<'h>(input: RuleInput<'h>) -> Vec<RefusedSend<'h>> {
    sends_without_message(input, Call::refused)
}

/// Every send with a response after which no message may appear, in the order of the history.
pub(super) fn sends_without_message<'h>(
    input: RuleInput<'h>,
    is_without: impl Fn(&Call) -> bool,
) -> Vec<RefusedSend<'h>> {
    if !input.history.calls_of(Operation::MessagesSend).any(&is_without) {
        return Vec::new();
    }
    let attempts = Attempts::of(input);
    let mut refused: Vec<_> = attempts
        .distinct()
        .filter_map(|(text, attempt)| Some((text, attempt.room?, attempt.call()?)))
        .filter(|(.., call)| is_without(call))
        .filter(|(_, room, _)| input.model.room(*room).is_some())
        .collect();
    if refused.is_empty() {
        return Vec::new();
    }
    refused.sort_by_key(|(_, _, call)| call.seq);
    let mut seen: AHashMap<&str, &MessageObservation<'h>> = AHashMap::new();
    // Known messages are left out: they have their text from another request.
    for (observation, _) in input.model.identified().filter(|(_, message)| message.is_none()) {
        if let Some(content) = observation.content() {
            seen.entry(content.trim()).or_insert(observation);
        }
    }
    let looked = looked(input);
    refused
        .into_iter()
        .map(|(text, room, call)| RefusedSend {
            call,
            text,
            observation: seen.get(text).copied(),
            is_watched: looked.get(&room).is_some_and(|at| *at > call.interval().returned),
        })
        .collect()
}

/// The last time that messages of each room were requested or received.
fn looked(input: RuleInput<'_>) -> AHashMap<RoomRef<'_>, Nanoseconds> {
    let mut looked: AHashMap<RoomRef<'_>, Nanoseconds> = AHashMap::new();
    for call in input.history.calls_of(Operation::MessagesList).filter(|call| call.succeeded()) {
        let Some(room) = call.room_in_query() else { continue };
        let latest = looked.entry(room).or_default();
        *latest = call.invoked.max(*latest);
    }
    for listener in input.model.sockets.all() {
        let frames = listener.received(ServerEvent::ChatMessage);
        let latest = looked.entry(listener.connection.room.borrowed()).or_default();
        *latest = frames.map(|(frame, _)| frame.at).max().unwrap_or_default().max(*latest);
    }
    looked
}
