//! Rules of family `delivery`: who gets what, once, unaltered, and nobody else.

mod attempts;
mod history;
mod origin;
mod refused;
mod stream;

pub(super) use attempts::Attempts;
pub(super) use refused::{RefusedSend, refused_sends};

use hearback_contract::RequirementId;

use crate::model::MessageObservation;
use crate::rule::Rule;
use crate::rule_context::Evidence;

/// The rules of this family.
#[rustfmt::skip]
pub static RULES: &[Rule] = &[
    Rule { requirement: RequirementId::DeliveryNoDuplicate, check: stream::no_duplicate },
    Rule { requirement: RequirementId::DeliveryNoPhantom, check: origin::no_phantom },
    Rule { requirement: RequirementId::DeliveryNoLeak, check: stream::no_leak },
    Rule { requirement: RequirementId::DeliveryRefusedIsNotSent, check: origin::refused_is_not_sent },
    Rule { requirement: RequirementId::DeliveryAcknowledgedIsKept, check: history::acknowledged_is_kept },
    Rule { requirement: RequirementId::DeliverySameByBothWays, check: history::same_by_both_ways },
    Rule { requirement: RequirementId::DeliveryNotBeforeJoining, check: stream::not_before_joining },
];

/// The room that a message was shown in, whatever the message says: that of the socket or the list.
pub(super) fn place<'h>(observation: &MessageObservation<'h>) -> Option<&'h str> {
    match observation.evidence {
        Evidence::Frame(connection, _) => Some(&connection.room),
        Evidence::Call(call) => call.query("room").or_else(|| observation.room()),
        Evidence::Connection(_) | Evidence::Expectation(_) => None,
    }
}
