//! Typing that has to end without an event of the user who types.

use hearback_contract::{ServerEvent, UserId};
use hearback_history::{Frame, Interval, Nanoseconds};
use serde_json::Value;

use super::typing_frames::{Typed, typed};
use crate::model::{Listener, Room};
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::violation::Violation;

/// Typing whose end the user does not announce.
pub(super) struct Typing<'h> {
    pub(super) room: &'h Room<'h>,
    pub(super) by: &'h Listener<'h>,
    /// The last event of the user.
    pub(super) frame: &'h Frame,
    /// The next event of the user in the room, or the time at which another connection of the user opens.
    pub(super) next: Option<Nanoseconds>,
}

/// The last `typing` event of each user in each room with the value true, unless another event follows at once.
pub(super) fn unended<'h>(input: RuleInput<'h>) -> Vec<Typing<'h>> {
    let all = typed(input);
    let mut found = Vec::new();
    for (index, event) in all.iter().enumerate() {
        let (by, frame) = (event.by, event.frame);
        let Some(room) = input.model.rooms.get(&by.connection.room) else { continue };
        if !event.is_typing {
            continue;
        }
        let is_same = |other: &&Typed<'h>| {
            other.by.user == by.user && other.by.connection.room == by.connection.room
        };
        let next = all[index + 1..].iter().find(is_same).map(|next| next.frame.at);
        found.push(Typing { room, by, frame, next });
    }
    found
}

/// Checks that the other members learn within `grace` after `end` that the user does not type any more.
pub(super) fn expect_end<'h>(
    input: RuleInput<'h>,
    typing: &Typing<'h>,
    end: Nanoseconds,
    grace: Nanoseconds,
    context: &mut RuleContext<'h>,
) {
    let over = end.saturating_add(grace);
    let (room, by) = (typing.room, typing.by);
    for listener in input.model.sockets.in_room(&room.id) {
        if listener.user == by.user || listener.established >= typing.frame.at {
            continue;
        }
        let has_ended = stops(listener, by.user).any(|at| at > typing.frame.at && at <= over);
        if has_ended {
            context.held();
            continue;
        }
        // The receiver must have been open all the while, and its connection alive afterwards.
        if listener.until < over || !listener.received_newer_than(over) {
            context.inconclusive(Reason::ObservedTooBriefly);
            continue;
        }
        let meanwhile = Interval { invoked: typing.frame.at, returned: over };
        if !room.surely_member(by.user, meanwhile)
            || !listener.is_entitled(room, meanwhile)
            || !room.surely_active(meanwhile)
        {
            continue;
        }
        context.check(false, || {
            let (from, to) = (&by.connection.actor, &listener.connection.actor);
            Violation::new(
                "typing does not end",
                format!("{to} receives is_typing false of {from}"),
                format!("no such event arrived within {:.0} s", grace.as_secs_f64()),
            )
            .evidence((by.connection, typing.frame))
            .evidence(by.connection)
            .evidence(listener.connection)
        });
    }
}

/// The times at which `listener` learned that a user does not type any more.
fn stops<'h>(
    listener: &'h Listener<'h>,
    user: UserId,
) -> impl Iterator<Item = Nanoseconds> + use<'h> {
    listener.received(ServerEvent::Typing).filter_map(move |(frame, event)| {
        let is_of_user = event.get("user_id").and_then(UserId::from_json) == Some(user);
        let is_end = event.get("is_typing").and_then(Value::as_bool) == Some(false);
        (is_of_user && is_end).then_some(frame.at)
    })
}
