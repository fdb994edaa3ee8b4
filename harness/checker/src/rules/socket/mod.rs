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
    Rule { requirement: "socket/opens", examine: opening::opens },
    Rule { requirement: "socket/established-first", examine: opening::established_first },
    Rule { requirement: "socket/established-right", examine: opening::established_right },
    Rule { requirement: "socket/outsider-refused", examine: opening::outsider_refused },
    Rule { requirement: "socket/unknown-room-refused", examine: opening::unknown_room_refused },
    Rule { requirement: "socket/message-reaches-others", examine: delivery::reaches_others },
    Rule { requirement: "socket/message-reaches-sender", examine: delivery::reaches_sender },
    Rule { requirement: "socket/message-right", examine: message::right },
    Rule { requirement: "socket/rest-message-delivered", examine: delivery::rest_message },
    Rule { requirement: "socket/message-listed", examine: delivery::listed },
    Rule { requirement: "socket/typing-reaches-others", examine: typing::reaches_others },
    Rule { requirement: "socket/typing-not-to-typist", examine: typing::not_to_typist },
    Rule { requirement: "socket/typing-right", examine: typing::right },
    Rule { requirement: "socket/receipt-reaches-others", examine: reading::receipt_reaches_others },
    Rule { requirement: "socket/receipt-right", examine: reading::receipt_right },
    Rule { requirement: "socket/room-marked-read", examine: reading::room_marked_read },
    Rule { requirement: "socket/room-marked-read-only-to-requester", examine: reading::only_to_requester },
    Rule { requirement: "socket/malformed-json", examine: error::malformed_json },
    Rule { requirement: "socket/missing-type", examine: error::missing_type },
    Rule { requirement: "socket/unknown-type", examine: error::unknown_type },
    Rule { requirement: "socket/invalid-fields", examine: error::invalid_fields },
    Rule { requirement: "socket/empty-message", examine: error::empty_message },
    Rule { requirement: "socket/foreign-reference", examine: error::foreign_reference },
    Rule { requirement: "socket/survives-bad-input", examine: survival::bad_input },
    Rule { requirement: "socket/survives-hostile-frames", examine: survival::hostile_frames },
    Rule { requirement: "socket/error-is-private", examine: error::is_private },
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
