//! The newest message of a room, and the fields that show it.

use ahash::AHashMap;
use hearback_contract::{MessageRef, Operation, RoomRef, ServerEvent};
use hearback_history::Call;
use jiff::Timestamp;
use serde_json::Value;

use crate::model::{Message, Origin, Room};
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, quoted, text_or_null};
use crate::violation::Violation;

/// Returns the newest message that a member from the start must see. `None` if it is uncertain.
#[allow(clippy::option_option, reason = "unknown, no message, and one message are three cases")]
pub(super) fn newest<'h>(
    input: RuleInput<'h>,
    room: &Room<'h>,
    call: &'h Call,
    context: &mut RuleContext<'h>,
) -> Option<Option<&'h Message<'h>>> {
    let viewer = input.model.user_id(&call.invocation.actor);
    if !viewer.is_some_and(|viewer| room.surely_initial_member(viewer, call.interval())) {
        context.inconclusive(Reason::MembershipUncertain);
        return None;
    }
    let is_certain =
        |newest: &Option<&'h Message<'h>>| newest.is_none_or(|it| !input.model.is_ambiguous(it));
    let newest = input.model.newest(room, call.interval()).ok().filter(is_certain);
    if newest.is_none() {
        context.inconclusive(Reason::ConcurrentWrites);
    }
    newest
}

/// Returns the calls of `operation` with a valid token.
pub(super) fn reads<'h>(
    input: RuleInput<'h>,
    operation: Operation,
) -> impl Iterator<Item = &'h Call> {
    input.history.calls_of(operation).filter(|call| call.is_authorized())
}

/// Adds the evidence: the send of the message, and the read.
pub(super) fn with_evidence<'h>(
    violation: Violation<'h>,
    newest: Option<&Message<'h>>,
    call: &'h Call,
) -> Violation<'h> {
    match newest {
        Some(message) => violation.evidence(message.origin).evidence(call),
        None => violation.evidence(call),
    }
}

/// Returns the contents that the read may show. A content that the target changed on sending counts,
/// too, because it is left to another requirement.
pub(super) fn contents<'h>(message: &Message<'h>, read: &Call) -> Vec<&'h str> {
    let answered = match message.origin {
        Origin::Rest(send) => send.success().and_then(|body| body.get("content")?.as_str()),
        Origin::Socket(..) => None,
    };
    message
        .contents(read.interval())
        .chain(answered.filter(|_| message.versions.len() == 1))
        .collect()
}

/// Lists the possible contents.
pub(super) fn either(contents: &[&str]) -> String {
    let mut words: Vec<_> = contents.iter().map(|content| quoted(content)).collect();
    words.dedup();
    words.join(" or ")
}

/// Returns the items of `rooms.list` about rooms of this run, with the string or null in `name`.
pub(super) fn listed<'h>(
    input: RuleInput<'h>,
    name: &str,
    context: &mut RuleContext<'h>,
) -> Vec<(&'h Room<'h>, &'h Call, Option<&'h str>)> {
    let mut listed = Vec::new();
    for call in reads(input, Operation::RoomsList) {
        for item in call.items().into_iter().flatten() {
            let id = item.get("id").and_then(RoomRef::from_json);
            let Some(room) = id.and_then(|id| input.model.room(id)) else { continue };
            let value = member(item, name, text_or_null, context);
            listed.extend(value.map(|value| (room, call, value)));
        }
    }
    listed
}

/// Creation times of messages, from the response or the echo to their sender.
pub(super) struct CreationTimes<'h> {
    echoes: AHashMap<MessageRef<'h>, &'h Value>,
}

impl<'h> CreationTimes<'h> {
    pub(super) fn of(input: RuleInput<'h>) -> Self {
        let sends = input.model.socket_sends.iter();
        let echoes = sends.filter_map(|send| {
            let event = send.echo?.received(ServerEvent::ChatMessage)?;
            Some((send.id.as_ref()?.borrowed(), event.get("message")?))
        });
        Self { echoes: echoes.collect() }
    }

    fn of_message(&self, message: &Message<'h>) -> Option<Timestamp> {
        let shown = match message.origin {
            Origin::Rest(send) => send.success(),
            Origin::Socket(..) => self.echoes.get(&message.id.borrowed()).copied(),
        };
        shown?.get("created_at")?.as_str()?.parse().ok()
    }
}

/// Checks that `time` is the creation time of the newest message, if there is one.
pub(super) fn check_time<'h>(
    input: RuleInput<'h>,
    created: &CreationTimes<'h>,
    (room, call): (&Room<'h>, &'h Call),
    field: &str,
    time: Option<&'h str>,
    context: &mut RuleContext<'h>,
) {
    let Some(Some(newest)) = newest(input, room, call, context) else { return };
    let Some(expected) = created.of_message(newest) else {
        context.inconclusive(Reason::SchemaBroken("created_at".into()));
        return;
    };
    let actual = match time.map(str::parse::<Timestamp>) {
        None => None,
        Some(Ok(actual)) => Some(actual),
        Some(Err(_)) => {
            context.inconclusive(Reason::SchemaBroken(field.into()));
            return;
        }
    };
    context.check(actual == Some(expected), || {
        let place = call.operation().map_or("", Operation::id);
        let expected = format!("`{field}` is {expected}, the creation time of the newest message");
        let actual = time.map_or_else(|| "it is null".to_owned(), |time| format!("it is {time}"));
        let violation = Violation::new(format!("{place}: {field}"), expected, actual);
        with_evidence(violation, Some(newest), call)
    });
}

#[cfg(test)]
pub(super) mod testing {
    //! A room, and reads of the fields about its newest message.

    /// The room, the lines `between`, and a read of `view` with fields replaced by `overrides`.
    pub(in super::super) fn with(between: &str, view: &str, overrides: &str) -> String {
        let response = match view {
            "rooms.get $r1" => format!(r#"@room {{"id": "$r1", {overrides}}}"#),
            "rooms.list" => {
                format!(r#"{{"results": [@room_summary {{"id": "$r1", {overrides}}}]}}"#)
            }
            _ => format!("@room_stats {{{overrides}}}"),
        };
        format!("{CREATED}\n{between}\nalice {view} => 200 {response}")
    }

    pub(in super::super) const CREATED: &str = r#"alice rooms.create {"room_type": "group", "name": "x", "participant_ids": [2]} => 201 @room {"id": "$r1"}"#;
}
