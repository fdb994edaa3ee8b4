//! Rules of family `delivery`: who gets what, once, unaltered, and nobody else.

mod attempts;
mod history;
mod origin;
mod refused;
mod stream;

pub(super) use attempts::Attempts;
pub(super) use refused::{RefusedSend, refused_sends};

use crate::model::MessageObservation;
use crate::rule::Rule;
use crate::rule_context::Evidence;

/// The rules of this family.
#[rustfmt::skip]
pub static RULES: &[Rule] = &[
    Rule { requirement: "delivery/no-duplicate", check: stream::no_duplicate },
    Rule { requirement: "delivery/no-phantom", check: origin::no_phantom },
    Rule { requirement: "delivery/no-leak", check: stream::no_leak },
    Rule { requirement: "delivery/refused-is-not-sent", check: origin::refused_is_not_sent },
    Rule { requirement: "delivery/acknowledged-is-kept", check: history::acknowledged_is_kept },
    Rule { requirement: "delivery/same-by-both-ways", check: history::same_by_both_ways },
    Rule { requirement: "delivery/not-before-joining", check: stream::not_before_joining },
];

/// The room that a message was shown in, whatever the message says: that of the socket or the list.
pub(super) fn place<'h>(observation: &MessageObservation<'h>) -> Option<&'h str> {
    match observation.evidence {
        Evidence::Frame(connection, _) => Some(&connection.room),
        Evidence::Call(call) => call.query("room").or_else(|| observation.room()),
        Evidence::Connection(_) | Evidence::Expectation(_) => None,
    }
}
