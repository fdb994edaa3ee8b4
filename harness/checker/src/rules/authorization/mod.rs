//! Rules of family `authorization`: each role, each operation. The policy is the contract's.

mod access;
mod effect;
mod existence;
mod expulsion;
mod role;

use hearback_contract::{Operation, RequirementId};

pub(crate) use access::ruling;
pub(crate) use expulsion::{Outcome, outcomes};
pub(crate) use role::standing;

use crate::rule::Rule;

/// The rules of this family.
#[rustfmt::skip]
pub static RULES: &[Rule] = &[
    Rule { requirement: RequirementId::AuthorizationRoomsGet, check: |input, it| access::open_to(input, it, Operation::RoomsGet) },
    Rule { requirement: RequirementId::AuthorizationRoomsMarkRead, check: |input, it| access::open_to(input, it, Operation::RoomsMarkRead) },
    Rule { requirement: RequirementId::AuthorizationRoomsLeave, check: |input, it| access::open_to(input, it, Operation::RoomsLeave) },
    Rule { requirement: RequirementId::AuthorizationRoomsArchive, check: |input, it| access::open_to(input, it, Operation::RoomsArchive) },
    Rule { requirement: RequirementId::AuthorizationRoomsStats, check: |input, it| access::open_to(input, it, Operation::RoomsStats) },
    Rule { requirement: RequirementId::AuthorizationMessagesList, check: |input, it| access::open_to(input, it, Operation::MessagesList) },
    Rule { requirement: RequirementId::AuthorizationMessagesSend, check: |input, it| access::open_to(input, it, Operation::MessagesSend) },
    Rule { requirement: RequirementId::AuthorizationMessagesGet, check: |input, it| access::open_to(input, it, Operation::MessagesGet) },
    Rule { requirement: RequirementId::AuthorizationMessagesEdit, check: |input, it| access::open_to(input, it, Operation::MessagesEdit) },
    Rule { requirement: RequirementId::AuthorizationMessagesDelete, check: |input, it| access::open_to(input, it, Operation::MessagesDelete) },
    Rule { requirement: RequirementId::AuthorizationMessagesMarkRead, check: |input, it| access::open_to(input, it, Operation::MessagesMarkRead) },
    Rule { requirement: RequirementId::AuthorizationParticipantsList, check: |input, it| access::open_to(input, it, Operation::ParticipantsList) },
    Rule { requirement: RequirementId::AuthorizationParticipantsAdd, check: |input, it| access::open_to(input, it, Operation::ParticipantsAdd) },
    Rule { requirement: RequirementId::AuthorizationParticipantsRemove, check: |input, it| access::open_to(input, it, Operation::ParticipantsRemove) },
    Rule { requirement: RequirementId::AuthorizationParticipantsMute, check: |input, it| access::open_to(input, it, Operation::ParticipantsMute) },
    Rule { requirement: RequirementId::AuthorizationNoSideEffect, check: effect::no_side_effect },
    Rule { requirement: RequirementId::AuthorizationNoExistenceLeak, check: existence::no_leak },
    Rule { requirement: RequirementId::AuthorizationEventsAfterRemoval, check: expulsion::events },
];
