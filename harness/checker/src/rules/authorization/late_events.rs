//! Events that users sent on an open socket after they left the room or were removed from it, and
//! their effects. The authorization matrix uses them, too.

use ahash::{AHashMap, AHashSet};
use hearback_contract::{ClientEvent, MessageRef, Operation, RoomRef, ServerEvent, UserId};
use hearback_history::{CloseOrigin, Connection, Frame, Interval, Nanoseconds};
use serde_json::Value;

use crate::evidence::Evidence;
use crate::model::{Listener, Room};
use crate::rule::RuleInput;
use crate::rules::answer::quoted;
use crate::rules::delivery::Attempts;

/// An event whose sender was no longer in the room.
#[derive(Clone, Copy)]
pub(crate) struct Late<'h> {
    pub(crate) room: &'h Room<'h>,
    pub(crate) listener: &'h Listener<'h>,
    pub(crate) frame: &'h Frame,
    pub(crate) event: ClientEvent,
}

/// The effect of a late event.
pub(crate) enum LateEventOutcome<'h> {
    /// An effect that was observed, and its description.
    Effect(Evidence<'h>, String),
    /// No effect, although a member would have noticed one.
    Nothing,
    /// No effect, but no member was certain to notice one.
    Inconclusive,
}

/// A room and a user who acts in it.
pub(super) type Sender<'h> = (RoomRef<'h>, UserId);

/// Returns whether the target closed a socket after the membership of its user ended, or while it
/// ended.
pub(super) fn is_cut_off(input: RuleInput<'_>, listener: &Listener<'_>) -> bool {
    let closing = listener.connection.closed.as_ref();
    let Some(closing) = closing.filter(|closing| closing.by == CloseOrigin::Server) else {
        return false;
    };
    let room = input.model.rooms.get(&listener.connection.room);
    let memberships = room.and_then(|room| room.members.get(&listener.user)).into_iter().flatten();
    memberships
        .filter_map(|membership| membership.left)
        .any(|left| left.invoked <= closing.at && left.returned != Nanoseconds::MAX)
}

/// Returns every late event with its outcome.
pub(crate) fn outcomes<'h>(input: RuleInput<'h>) -> Vec<(Late<'h>, LateEventOutcome<'h>)> {
    let (late, in_time) = sent(input);
    if late.is_empty() {
        return Vec::new();
    }
    let shown = Shown::of(input, &late);
    let attempts = Attempts::of(input);
    late.into_iter()
        .filter_map(|late| {
            let effect = effect(&late, &in_time, &shown, &attempts)?;
            let outcome = match effect {
                Some((evidence, actual)) => LateEventOutcome::Effect(evidence, actual),
                None if is_watched(input, &late) => LateEventOutcome::Nothing,
                None => LateEventOutcome::Inconclusive,
            };
            Some((late, outcome))
        })
        .collect()
}

/// Returns the observed effect of a late event. `None` if its effect is indistinguishable from that of
/// another event.
#[allow(clippy::option_option, reason = "indistinguishable and unobserved are two answers")]
fn effect<'h>(
    late: &Late<'h>,
    in_time: &InTime<'h>,
    shown: &Shown<'h>,
    attempts: &Attempts<'h>,
) -> Option<Option<(Evidence<'h>, String)>> {
    let sender = (late.room.id.borrowed(), late.listener.user);
    let (evidence, actual) = match late.event {
        ClientEvent::ChatMessage => {
            let text = field(late.frame, "message")?.trim();
            attempts.only(text)?;
            (shown.texts.get(text), format!("{} is shown", quoted(text)))
        }
        // A connection cannot receive more of them than were sent while the user was a member.
        ClientEvent::Typing => {
            let most = in_time.typing.get(&sender).copied().unwrap_or(0);
            let received = shown.typing.get(&sender);
            let received = received.and_then(|it| it.values().find_map(|it| it.get(most)));
            (received, "a member received the typing event".to_owned())
        }
        ClientEvent::ReadReceipt => {
            let message = message(late.frame)?;
            let is_in_time = in_time.marks.contains(&sender)
                || in_time.receipts.contains(&(late.listener.user, message));
            let receipt = shown.receipts.get(&(sender, message)).filter(|_| !is_in_time);
            (receipt, "a member received the receipt".to_owned())
        }
        ClientEvent::MarkRoomRead => return None,
    };
    Some(evidence.map(|evidence| (*evidence, actual)))
}

/// The events that users sent while they may have been members.
#[derive(Default)]
pub(super) struct InTime<'h> {
    /// Number of `typing` events that began to type.
    pub(super) typing: AHashMap<Sender<'h>, usize>,
    /// Users and messages that they marked read.
    receipts: AHashSet<(UserId, MessageRef<'h>)>,
    /// Senders who marked the room read, which may send receipts (room-mark-and-read-by).
    marks: AHashSet<Sender<'h>>,
}

/// Returns the late events, and the events that were sent in time.
fn sent<'h>(input: RuleInput<'h>) -> (Vec<Late<'h>>, InTime<'h>) {
    let (mut late, mut in_time) = (Vec::new(), InTime::default());
    for listener in input.model.sockets.all() {
        let Some(room) = input.model.rooms.get(&listener.connection.room) else { continue };
        let sender = (room.id.borrowed(), listener.user);
        for frame in listener.sent() {
            let Some(event) = frame.command() else { continue };
            // The target may handle the frame later, when the user may be back.
            let soon = frame.at.saturating_add(input.history.timeout());
            let at = Interval { invoked: frame.at, returned: soon };
            if room.surely_outside(listener.user, at) && is_former(room, listener, at) {
                late.push(Late { room, listener, frame, event });
                continue;
            }
            match event {
                ClientEvent::Typing if is_typing(frame) => {
                    *in_time.typing.entry(sender).or_default() += 1;
                }
                ClientEvent::ReadReceipt => {
                    in_time.receipts.extend(message(frame).map(|message| (listener.user, message)));
                }
                ClientEvent::MarkRoomRead => {
                    in_time.marks.insert(sender);
                }
                _ => {}
            }
        }
    }
    for call in input.history.calls.iter().filter(|call| call.maybe_done()) {
        let Some(user) = input.model.user_id(&call.invocation.actor) else { continue };
        match call.operation() {
            Some(Operation::MessagesMarkRead) => {
                in_time.receipts.extend(call.message_in_path().map(|message| (user, message)));
            }
            Some(Operation::RoomsMarkRead) => {
                in_time.marks.extend(call.room_in_path().map(|room| (room, user)));
            }
            _ => {}
        }
    }
    (late, in_time)
}

/// Returns whether the socket's user was a member before.
fn is_former(room: &Room<'_>, listener: &Listener<'_>, at: Interval) -> bool {
    room.members.get(&listener.user).is_some_and(|memberships| {
        memberships.iter().any(|membership| membership.left.is_some_and(|left| left.precedes(at)))
    })
}

/// The events and texts that the rooms of late events showed.
pub(super) struct Shown<'h> {
    /// The first observation of each text.
    texts: AHashMap<&'h str, Evidence<'h>>,
    /// The `typing` events that began to type, by sender and receiving connection.
    pub(super) typing: AHashMap<Sender<'h>, AHashMap<u64, Vec<Evidence<'h>>>>,
    receipts: AHashMap<(Sender<'h>, MessageRef<'h>), Evidence<'h>>,
}

impl<'h> Shown<'h> {
    fn of(input: RuleInput<'h>, late: &[Late<'h>]) -> Self {
        let rooms: AHashSet<RoomRef<'_>> =
            late.iter().map(|late| late.room.id.borrowed()).collect();
        let mut shown =
            Self { texts: AHashMap::new(), typing: AHashMap::new(), receipts: AHashMap::new() };
        for observation in &input.model.observations {
            if let Some(text) = observation.content() {
                shown.texts.entry(text.trim()).or_insert(observation.evidence);
            }
        }
        let listeners = input.model.sockets.all();
        for listener in
            listeners.filter(|listener| rooms.contains(&listener.connection.room.borrowed()))
        {
            let connection: &'h Connection = listener.connection;
            let user = |event: &Value| event.get("user_id").and_then(UserId::from_json);
            for (frame, event) in listener.received(ServerEvent::Typing) {
                if let Some(user) = user(event).filter(|_| is_typing(frame)) {
                    let by_connection =
                        shown.typing.entry((connection.room.borrowed(), user)).or_default();
                    let frames = by_connection.entry(connection.id.0).or_default();
                    frames.push((connection, frame).into());
                }
            }
            for (frame, event) in listener.received(ServerEvent::ReadReceipt) {
                if let (Some(user), Some(message)) = (user(event), message(frame)) {
                    let key = ((connection.room.borrowed(), user), message);
                    shown.receipts.entry(key).or_insert((connection, frame).into());
                }
            }
        }
        shown
    }
}

/// Returns whether a member would have noticed an effect: the member's socket received something that
/// was sent later, or stayed open long enough.
fn is_watched(input: RuleInput<'_>, late: &Late<'_>) -> bool {
    let at = late.frame.at;
    let timeout = input.history.timeout();
    input.model.sockets.in_room(&late.room.id).any(|listener| {
        let is_open_long_enough = !timeout.is_zero() && at + timeout <= listener.until;
        let until = Interval { invoked: at, returned: at };
        listener.established < at
            && late.room.surely_member(listener.user, until)
            && (listener.received_newer_than(at) || is_open_long_enough)
    })
}

fn field<'h>(frame: &'h Frame, name: &str) -> Option<&'h str> {
    frame.json()?.get(name)?.as_str()
}

/// The message that a receipt is about.
fn message(frame: &Frame) -> Option<MessageRef<'_>> {
    frame.json()?.get("message_id").and_then(MessageRef::from_json)
}

fn is_typing(frame: &Frame) -> bool {
    frame.json().and_then(|event| event.get("is_typing")) == Some(&Value::Bool(true))
}
