//! Rules of family `socket`: what goes in and what comes out.

mod delivery;
mod error;
mod message;
mod opening;
mod reading;
mod survival;
mod typing;

use hearback_history::{ActorName, Interval};

use crate::model::{Listener, PendingEvent, Room};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::{RuleContext, Violation};

/// The rules of this family.
#[rustfmt::skip]
pub static RULES: &[Rule] = &[
    Rule { requirement: "socket/opens", check: opening::opens },
    Rule { requirement: "socket/established-first", check: opening::established_first },
    Rule { requirement: "socket/established-right", check: opening::established_right },
    Rule { requirement: "socket/outsider-refused", check: opening::outsider_refused },
    Rule { requirement: "socket/unknown-room-refused", check: opening::unknown_room_refused },
    Rule { requirement: "socket/message-reaches-others", check: delivery::reaches_others },
    Rule { requirement: "socket/message-reaches-sender", check: delivery::reaches_sender },
    Rule { requirement: "socket/message-right", check: message::right },
    Rule { requirement: "socket/rest-message-delivered", check: delivery::rest_message },
    Rule { requirement: "socket/message-listed", check: delivery::listed },
    Rule { requirement: "socket/typing-reaches-others", check: typing::reaches_others },
    Rule { requirement: "socket/typing-not-to-typist", check: typing::not_to_typist },
    Rule { requirement: "socket/typing-right", check: typing::right },
    Rule { requirement: "socket/receipt-reaches-others", check: reading::receipt_reaches_others },
    Rule { requirement: "socket/receipt-right", check: reading::receipt_right },
    Rule { requirement: "socket/room-marked-read", check: reading::room_marked_read },
    Rule { requirement: "socket/room-marked-read-only-to-requester", check: reading::only_to_requester },
    Rule { requirement: "socket/malformed-json", check: error::malformed_json },
    Rule { requirement: "socket/missing-type", check: error::missing_type },
    Rule { requirement: "socket/unknown-type", check: error::unknown_type },
    Rule { requirement: "socket/invalid-fields", check: error::invalid_fields },
    Rule { requirement: "socket/empty-message", check: error::empty_message },
    Rule { requirement: "socket/foreign-reference", check: error::foreign_reference },
    Rule { requirement: "socket/survives-bad-input", check: survival::bad_input },
    Rule { requirement: "socket/survives-hostile-frames", check: survival::hostile_frames },
    Rule { requirement: "socket/error-is-private", check: error::is_private },
];

/// Why nothing can be said of what did not come.
const TOO_SHORT: &str = "the socket was not open for long enough to tell";

/// Counts something that should reach `listener`. That it did not counts only once that is certain, and
/// if sender and receiver surely were members of the active room all the while.
fn expect_delivery<'h>(
    input: RuleInput<'h>,
    room: &Room<'h>,
    (sender, handed): (i64, PendingEvent),
    listener: &Listener<'h>,
    has_come: bool,
    context: &mut RuleContext<'h>,
    violation: impl FnOnce() -> Violation<'h>,
) {
    if has_come {
        return context.held();
    }
    let Some(over) = input.model.sockets.is_over(handed, listener) else {
        return context.inconclusive(TOO_SHORT);
    };
    let meanwhile = Interval { invoked: handed.at, returned: over };
    if room.surely_member(sender, meanwhile)
        && listener.is_entitled(room, meanwhile)
        && room.surely_active(meanwhile)
    {
        context.check(false, violation);
    }
}

/// The name that the target should show for an actor; `None` for one who logs in by e-mail address, and
/// may be called otherwise.
fn username(actor: &ActorName) -> Option<&str> {
    Some(actor.as_str()).filter(|name| !name.contains('@'))
}
