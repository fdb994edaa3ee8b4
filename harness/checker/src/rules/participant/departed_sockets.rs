//! Sockets that were open when their user left the room or was removed, and the events that they
//! received afterwards.

use ahash::AHashMap;
use hearback_contract::{ClientEvent, MessageRef, RoomRef, ServerEvent, UserId};
use hearback_history::{CloseOrigin, Frame, Interval, Nanoseconds};
use serde_json::Value;

use crate::model::{Departure, Listener, Room};
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::violation::Violation;

/// A socket whose user left the room while it was open.
pub(super) struct DepartedSocket<'h> {
    room: &'h Room<'h>,
    listener: &'h Listener<'h>,
    /// The interval of the departure.
    left: Interval,
    /// The time from which the user may be a member again.
    back: Nanoseconds,
}

fn departed_sockets(input: RuleInput<'_>, departure: Departure) -> Vec<DepartedSocket<'_>> {
    let mut sockets = Vec::new();
    for listener in input.model.sockets.all() {
        let Some(room) = input.model.rooms.get(&listener.connection.room) else { continue };
        let begin = Interval { invoked: listener.established, returned: listener.established };
        let memberships = room.members.get(&listener.user).map_or(&[][..], Vec::as_slice);
        for membership in
            memberships.iter().filter(|membership| membership.departure == Some(departure))
        {
            let Some(left) = membership.left.filter(|left| left.returned < Nanoseconds::MAX) else {
                continue;
            };
            if !membership.joined.precedes(begin) || listener.established > left.returned {
                continue;
            }
            let later = memberships.iter().filter(|other| !other.joined.precedes(left));
            let back = later.map(|other| other.joined.invoked).min().unwrap_or(Nanoseconds::MAX);
            sockets.push(DepartedSocket { room, listener, left, back });
        }
    }
    sockets
}

/// Times of `typing` events that began to type, by room and user.
pub(super) type Typing<'h> = AHashMap<(RoomRef<'h>, UserId), Vec<Nanoseconds>>;

fn typing(input: RuleInput<'_>) -> Typing<'_> {
    let mut typing = Typing::new();
    for listener in input.model.sockets.all() {
        let begun = listener.sent().filter(|frame| {
            let is_typing = || frame.json()?.get("is_typing")?.as_bool();
            frame.sends(ClientEvent::Typing) && is_typing() == Some(true)
        });
        let key = (listener.connection.room.borrowed(), listener.user);
        typing.entry(key).or_default().extend(begun.map(|frame| frame.at));
    }
    typing.values_mut().for_each(|times| times.sort_unstable());
    typing
}

impl<'h> DepartedSocket<'h> {
    /// Returns the frames that were received between the departure and a possible return.
    fn late(&self, event: ServerEvent) -> impl Iterator<Item = (&'h Frame, &'h Value)> {
        let (gone, back) = (self.left.returned, self.back);
        let received = self.listener.received(event);
        received.skip_while(move |(frame, _)| frame.at <= gone).take_while(move |it| it.0.at < back)
    }

    /// Returns the first frame that was certainly caused after the departure returned.
    fn leak(&self, input: RuleInput<'h>, typing: &Typing<'h>) -> Option<(&'h Frame, ServerEvent)> {
        let sent_later = |id: Option<&Value>| {
            let message = id.and_then(MessageRef::from_json).and_then(|id| input.model.message(id));
            message.is_some_and(|message| {
                message.sent.invoked > self.left.returned && !input.model.is_ambiguous(message)
            })
        };
        let mut messages = self.late(ServerEvent::ChatMessage);
        let message = messages.find(|(_, event)| {
            sent_later(event.get("message").and_then(|message| message.get("id")))
        });
        let mut receipts = self.late(ServerEvent::ReadReceipt);
        let receipt = receipts
            .find(|(_, event)| sent_later(event.get("message_id")) || self.is_first_reader(event));
        let leaks = [
            message.map(|(frame, _)| (frame, ServerEvent::ChatMessage)),
            receipt.map(|(frame, _)| (frame, ServerEvent::ReadReceipt)),
            self.typing_leak(typing).map(|frame| (frame, ServerEvent::Typing)),
        ];
        leaks.into_iter().flatten().min_by_key(|(frame, _)| frame.at)
    }

    /// Returns whether the reader marked nothing in the room before the departure returned.
    fn is_first_reader(&self, event: &Value) -> bool {
        let user = event.get("user_id").and_then(UserId::from_json);
        let reader = user.and_then(|user| self.room.read_state.marks_of(user));
        let gone = Interval { invoked: Nanoseconds::ZERO, returned: self.left.returned };
        reader.is_some_and(|reader| reader.attempts.begun_by(gone) == 0)
    }

    /// Returns the first `typing` event beyond the number that its sender sent before the departure.
    fn typing_leak(&self, typing: &Typing<'h>) -> Option<&'h Frame> {
        let mut counts: AHashMap<UserId, usize> = AHashMap::new();
        let mut received = self.listener.received(ServerEvent::Typing);
        let leak = received.find(|(frame, event)| {
            let user = event.get("user_id").and_then(UserId::from_json);
            let is_typing = event.get("is_typing") == Some(&Value::Bool(true));
            let Some(user) = user.filter(|_| is_typing) else { return false };
            let count = counts.entry(user).or_default();
            *count += 1;
            let sent = typing.get(&(self.room.id.borrowed(), user)).map_or(&[][..], Vec::as_slice);
            let before = sent.partition_point(|at| *at <= self.left.returned);
            // More events than were ever sent are duplicates, which other requirements cover.
            frame.at > self.left.returned && before < *count && *count <= sent.len()
        });
        leak.map(|(frame, _)| frame).filter(|frame| frame.at < self.back)
    }

    /// Returns whether receiving nothing is an observation: the target ended the socket, or a later message
    /// could have been received.
    fn would_show_leaks(&self, input: RuleInput<'h>) -> bool {
        let closing = self.listener.connection.closed.as_ref();
        let is_ended = closing.is_some_and(|closing| {
            closing.by != CloseOrigin::Client && closing.at >= self.left.invoked
        });
        let gone = self.left.returned;
        let messages = &input.model.messages;
        let next = self.room.messages.partition_point(|id| messages[id].sent.invoked <= gone);
        let received = self.room.messages.get(next).map(|id| messages[id].sent.returned);
        let until = self.listener.until.min(self.back);
        is_ended
            || received
                .is_some_and(|received| received.saturating_add(input.history.timeout()) <= until)
    }
}

pub(super) fn check_departures<'h>(
    input: RuleInput<'h>,
    departure: Departure,
    operation: &str,
    context: &mut RuleContext<'h>,
) {
    let sockets = departed_sockets(input, departure);
    if sockets.is_empty() {
        return;
    }
    let typing = typing(input);
    for socket in sockets {
        let leak = socket.leak(input, &typing);
        if leak.is_none() && !socket.would_show_leaks(input) {
            context.inconclusive(Reason::NothingFollowed);
            continue;
        }
        context.check(leak.is_none(), || {
            let connection = socket.listener.connection;
            let kind = leak.map_or("", |(_, event)| event.id());
            let violation = Violation::new(
                format!("{kind} after {operation}"),
                format!(
                    "{}, who is no longer in the room, receives nothing of it",
                    connection.actor
                ),
                format!("it received a {kind} that was caused later"),
            );
            let violation = violation.evidence(connection);
            leak.into_iter()
                .fold(violation, |violation, (frame, _)| violation.evidence((connection, frame)))
        });
    }
}

#[cfg(test)]
pub(super) mod testing {
    //! Sockets of alice and bob, and a departure of bob.

    use crate::rules::participant::roster::testing::CREATED;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    pub(in super::super) const LEAVE: &str = "[10..20] bob rooms.leave $r1 => 200 {}";

    pub(in super::super) const REMOVE: &str = "[10..20] alice participants.remove 2 => 200 {}";

    pub(in super::super) const RECEIVED: &str =
        r#"[40..40] bob@r1 <- @chat_message {"message": {"id": "$m1", "room_id": "$r1"}}"#;

    const LATER: &str = "[200..201] alice rooms.list => 200 {}";

    pub(in super::super) fn of(departure: &str, lines: &[&str]) -> String {
        let lines = lines.join("\n");
        format!("{CREATED}\n[5..5] bob@r1 open\n[6..6] alice@r1 open\n{departure}\n{lines}")
    }

    pub(in super::super) fn send(times: &str) -> String {
        format!(
            r#"{times} alice messages.send {{"room": "$r1", "content": "a"}} => 201 @message {{"id": "$m1", "room": "$r1"}}"#
        )
    }

    /// Asserts that a rule allows no later message after a departure.
    pub(in super::super) fn assert_no_later_message(rule: &str, departure: &str) {
        let sent = send("[30..35]");
        let back = r#"[25..26] alice participants.add {"room": "$r1", "user": 2} => 201 {}"#;
        assert_states(&[
            (rule, Broken, &of(departure, &[&sent, RECEIVED])),
            (rule, Held, &of(departure, &[&sent, LATER])),
            (rule, Undecided, &of(departure, &[&sent])),
            (rule, Undecided, &of(departure, &[LATER])),
            (rule, Held, &of(departure, &["[22..22] bob@r1 close 4003"])),
            (rule, Undecided, &of(departure, &["[22..22] bob@r1 close", &sent, LATER])),
            // An earlier message may still be on its way.
            (rule, Undecided, &of(departure, &[&send("[15..35]"), RECEIVED, LATER])),
            (rule, Undecided, &of(departure, &[back, &sent, RECEIVED, LATER])),
            (rule, NotExercised, &of(&departure.replace("200 {}", "?"), &[&sent, RECEIVED])),
            (
                rule,
                NotExercised,
                &of(&departure.replace("[10", "[3"), &[&sent, RECEIVED])
                    .replace("[3..20]", "[3..4]"),
            ),
        ]);
    }
}
