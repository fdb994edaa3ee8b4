//! Rules of family `socket`: what goes in and what comes out.

mod delivery;
mod error;
mod message;
mod opening;
mod reading;
mod survival;
mod typing;

use hearback_contract::RequirementId;

use hearback_history::{ActorName, Interval};

use crate::model::{Listener, PendingEvent, Room};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::{RuleContext, Violation};

/// The rules of this family.
#[rustfmt::skip]
pub static RULES: &[Rule] = &[
    Rule { requirement: RequirementId::SocketOpens, check: opening::opens },
    Rule { requirement: RequirementId::SocketEstablishedFirst, check: opening::established_first },
    Rule { requirement: RequirementId::SocketEstablishedRight, check: opening::established_right },
    Rule { requirement: RequirementId::SocketOutsiderRefused, check: opening::outsider_refused },
    Rule { requirement: RequirementId::SocketUnknownRoomRefused, check: opening::unknown_room_refused },
    Rule { requirement: RequirementId::SocketMessageReachesOthers, check: delivery::reaches_others },
    Rule { requirement: RequirementId::SocketMessageReachesSender, check: delivery::reaches_sender },
    Rule { requirement: RequirementId::SocketMessageRight, check: message::right },
    Rule { requirement: RequirementId::SocketRestMessageDelivered, check: delivery::rest_message },
    Rule { requirement: RequirementId::SocketMessageListed, check: delivery::listed },
    Rule { requirement: RequirementId::SocketTypingReachesOthers, check: typing::reaches_others },
    Rule { requirement: RequirementId::SocketTypingNotToTypist, check: typing::not_to_typist },
    Rule { requirement: RequirementId::SocketTypingRight, check: typing::right },
    Rule { requirement: RequirementId::SocketReceiptReachesOthers, check: reading::receipt_reaches_others },
    Rule { requirement: RequirementId::SocketReceiptRight, check: reading::receipt_right },
    Rule { requirement: RequirementId::SocketRoomMarkedRead, check: reading::room_marked_read },
    Rule { requirement: RequirementId::SocketRoomMarkedReadOnlyToRequester, check: reading::only_to_requester },
    Rule { requirement: RequirementId::SocketMalformedJson, check: error::malformed_json },
    Rule { requirement: RequirementId::SocketMissingType, check: error::missing_type },
    Rule { requirement: RequirementId::SocketUnknownType, check: error::unknown_type },
    Rule { requirement: RequirementId::SocketInvalidFields, check: error::invalid_fields },
    Rule { requirement: RequirementId::SocketEmptyMessage, check: error::empty_message },
    Rule { requirement: RequirementId::SocketForeignReference, check: error::foreign_reference },
    Rule { requirement: RequirementId::SocketSurvivesBadInput, check: survival::bad_input },
    Rule { requirement: RequirementId::SocketSurvivesHostileFrames, check: survival::hostile_frames },
    Rule { requirement: RequirementId::SocketErrorIsPrivate, check: error::is_private },
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
