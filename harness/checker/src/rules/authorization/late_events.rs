//! late_events

use ahash::{AHashMap, AHashSet};
use hearback_contract::{ClientEvent, Operation, ServerEvent};
use hearback_history::{CloseOrigin, Connection, Frame, Interval, Nanoseconds};
use serde_json::Value;

use crate::model::{Listener, Room};
use crate::rule::RuleInput;
use crate::rule_context::Evidence;
use crate::rules::answer::quoted;
use crate::rules::delivery::Attempts;

/// An event that somebody sent who was not in the room any more.
#[derive(Clone, Copy)]
pub(crate) struct Late<'h> {
    pub(crate) room: &'h Room<'h>,
    pub(crate) listener: &'h Listener<'h>,
    pub(crate) frame: &'h Frame,
    pub(crate) event: ClientEvent,
}

/// What came of such an event.
pub(crate) enum Outcome<'h> {
    /// Something, in words, that was seen.
    Effect(Evidence<'h>, String),
    /// Nothing, although somebody would have noticed.
    Nothing,
    Inconclusive,
}

/// A user's doing in one room.
pub(super) type Doer<'h> = (&'h str, i64);

/// Whether the target closed the socket of somebody whose membership had ended, or was ending.
pub(super) fn is_cut_off(input: RuleInput<'_>, listener: &Listener<'_>) -> bool {
    let closing = listener.connection.closed.as_ref();
    let Some(closing) = closing.filter(|closing| closing.by == CloseOrigin::Server) else {
        return false;
    };
    let room = input.model.rooms.get(&listener.connection.room);
    let stays = room.and_then(|room| room.members.get(&listener.user)).into_iter().flatten();
    stays
        .filter_map(|stay| stay.left)
        .any(|left| left.invoked <= closing.at && left.returned != Nanoseconds::MAX)
}

/// What came of each event that was sent too late.
pub(crate) fn outcomes<'h>(input: RuleInput<'h>) -> Vec<(Late<'h>, Outcome<'h>)> {
    let (late, rightful) = sent(input);
    if late.is_empty() {
        return Vec::new();
    }
    let shown = Shown::of(input, &late);
    let attempts = Attempts::of(input);
    late.into_iter()
        .filter_map(|late| {
            let effect = effect(&late, &rightful, &shown, &attempts)?;
            let outcome = match effect {
                Some((evidence, actual)) => Outcome::Effect(evidence, actual),
                None if is_watched(input, &late) => Outcome::Nothing,
                None => Outcome::Inconclusive,
            };
            Some((late, outcome))
        })
        .collect()
}

/// What was seen of a late event; `None` if nothing could tell it from another.
#[allow(clippy::option_option, reason = "not to be told and not seen are two answers")]
pub(super) fn effect<'h>(
    late: &Late<'h>,
    rightful: &Rightful<'h>,
    shown: &Shown<'h>,
    attempts: &Attempts<'h>,
) -> Option<Option<(Evidence<'h>, String)>> {
    let doer = (late.room.id.as_str(), late.listener.user);
    let (evidence, actual) = match late.event {
        ClientEvent::ChatMessage => {
            let text = field(late.frame, "message")?.trim();
            attempts.only(text)?;
            (shown.texts.get(text), format!("{} is shown", quoted(text)))
        }
        // Nobody can receive more of them than were sent while that was right.
        ClientEvent::Typing => {
            let most = rightful.typing.get(&doer).copied().unwrap_or(0);
            let received = shown.typing.get(&doer);
            let received = received.and_then(|it| it.values().find_map(|it| it.get(most)));
            (received, "a member is told of the typing".to_owned())
        }
        ClientEvent::ReadReceipt => {
            let message = field(late.frame, "message_id")?;
            let is_rightful = rightful.marks.contains(&doer)
                || rightful.receipts.contains(&(late.listener.user, message));
            let receipt = shown.receipts.get(&(doer, message)).filter(|_| !is_rightful);
            (receipt, "a member is told of the receipt".to_owned())
        }
        ClientEvent::MarkRoomRead => return None,
    };
    Some(evidence.map(|evidence| (*evidence, actual)))
}

/// What users did while they may have been in the room.
#[derive(Default)]
pub(super) struct Rightful<'h> {
    /// How often they began to type.
    pub(super) typing: AHashMap<Doer<'h>, usize>,
    /// Messages that they marked read, with the user.
    pub(super) receipts: AHashSet<(i64, &'h str)>,
    /// Who marked the room read, which may send receipts (room-mark-and-read-by).
    pub(super) marks: AHashSet<Doer<'h>>,
}

/// Events that were sent too late, and what was sent in time.
pub(super) fn sent<'h>(input: RuleInput<'h>) -> (Vec<Late<'h>>, Rightful<'h>) {
    let (mut late, mut rightful) = (Vec::new(), Rightful::default());
    for listener in input.model.sockets.all() {
        let Some(room) = input.model.rooms.get(&listener.connection.room) else { continue };
        let doer = (room.id.as_str(), listener.user);
        for frame in listener.sent() {
            let event = frame.kind().and_then(|kind| kind.parse::<ClientEvent>().ok());
            let Some(event) = event else { continue };
            // When the target gets to a frame is not known: a return soon after would make it rightful.
            let soon = frame.at.saturating_add(input.history.timeout());
            let at = Interval { invoked: frame.at, returned: soon };
            if room.surely_outside(listener.user, at) && is_former(room, listener, at) {
                late.push(Late { room, listener, frame, event });
                continue;
            }
            match event {
                ClientEvent::Typing if is_typing(frame) => {
                    *rightful.typing.entry(doer).or_default() += 1;
                }
                ClientEvent::ReadReceipt => {
                    let message = field(frame, "message_id");
                    rightful.receipts.extend(message.map(|message| (listener.user, message)));
                }
                ClientEvent::MarkRoomRead => {
                    rightful.marks.insert(doer);
                }
                _ => {}
            }
        }
    }
    for call in input.history.calls.iter().filter(|call| call.maybe_done()) {
        let Some(user) = input.model.user_id(&call.invocation.actor) else { continue };
        match (call.operation(), call.subject()) {
            (Some(Operation::MessagesMarkRead), Some(message)) => {
                rightful.receipts.insert((user, message));
            }
            (Some(Operation::RoomsMarkRead), Some(room)) => {
                rightful.marks.insert((room, user));
            }
            _ => {}
        }
    }
    (late, rightful)
}

/// Whether the socket's user was in the room before.
pub(super) fn is_former(room: &Room<'_>, listener: &Listener<'_>, at: Interval) -> bool {
    room.members.get(&listener.user).is_some_and(|stays| {
        stays.iter().any(|stay| stay.left.is_some_and(|left| left.precedes(at)))
    })
}

/// What the rooms in question showed of them.
pub(super) struct Shown<'h> {
    /// Where each text was seen first.
    pub(super) texts: AHashMap<&'h str, Evidence<'h>>,
    /// By who typed and connection, each time that somebody began to.
    pub(super) typing: AHashMap<Doer<'h>, AHashMap<u64, Vec<Evidence<'h>>>>,
    pub(super) receipts: AHashMap<(Doer<'h>, &'h str), Evidence<'h>>,
}

impl<'h> Shown<'h> {
    pub(super) fn of(input: RuleInput<'h>, late: &[Late<'h>]) -> Self {
        let rooms: AHashSet<&str> = late.iter().map(|late| late.room.id.as_str()).collect();
        let mut shown =
            Self { texts: AHashMap::new(), typing: AHashMap::new(), receipts: AHashMap::new() };
        for observation in &input.model.observations {
            if let Some(text) = observation.content() {
                shown.texts.entry(text.trim()).or_insert(observation.evidence);
            }
        }
        let listeners = input.model.sockets.all();
        for listener in
            listeners.filter(|listener| rooms.contains(listener.connection.room.as_str()))
        {
            let connection: &'h Connection = listener.connection;
            let user = |event: &Value| event.get("user_id").and_then(Value::as_i64);
            for (frame, event) in listener.received(ServerEvent::Typing) {
                if let Some(user) = user(event).filter(|_| is_typing(frame)) {
                    let by_connection =
                        shown.typing.entry((connection.room.as_str(), user)).or_default();
                    let frames = by_connection.entry(connection.id.0).or_default();
                    frames.push((connection, frame).into());
                }
            }
            for (frame, event) in listener.received(ServerEvent::ReadReceipt) {
                if let (Some(user), Some(message)) = (user(event), field(frame, "message_id")) {
                    let key = ((connection.room.as_str(), user), message);
                    shown.receipts.entry(key).or_insert((connection, frame).into());
                }
            }
        }
        shown
    }
}

/// Whether a member would have noticed: heard of something that was sent later, or listened for long
/// enough.
pub(super) fn is_watched(input: RuleInput<'_>, late: &Late<'_>) -> bool {
    let at = late.frame.at;
    let timeout = input.history.timeout();
    input.model.sockets.in_room(&late.room.id).any(|listener| {
        let stands = timeout > 0 && at + timeout <= listener.until;
        let until = Interval { invoked: at, returned: at };
        listener.established < at
            && late.room.surely_member(listener.user, until)
            && (listener.heard_after(at) || stands)
    })
}

pub(super) fn field<'h>(frame: &'h Frame, name: &str) -> Option<&'h str> {
    frame.json()?.get(name)?.as_str()
}

pub(super) fn is_typing(frame: &Frame) -> bool {
    frame.json().and_then(|event| event.get("is_typing")) == Some(&Value::Bool(true))
}
