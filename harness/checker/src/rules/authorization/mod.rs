//! Rules of family `authorization`: each role, each operation. The policy is the contract's.

mod access;
mod effect;
mod existence;
mod expulsion;
mod role;

use hearback_contract::Operation;

pub(crate) use access::ruling;
pub(crate) use expulsion::{Outcome, outcomes};
pub(crate) use role::standing;

use crate::rule::Rule;

/// The rules of this family.
#[rustfmt::skip]
pub static RULES: &[Rule] = &[
    Rule { requirement: "authorization/rooms.get", check: |input, it| access::open_to(input, it, Operation::RoomsGet) },
    Rule { requirement: "authorization/rooms.mark_read", check: |input, it| access::open_to(input, it, Operation::RoomsMarkRead) },
    Rule { requirement: "authorization/rooms.leave", check: |input, it| access::open_to(input, it, Operation::RoomsLeave) },
    Rule { requirement: "authorization/rooms.archive", check: |input, it| access::open_to(input, it, Operation::RoomsArchive) },
    Rule { requirement: "authorization/rooms.stats", check: |input, it| access::open_to(input, it, Operation::RoomsStats) },
    Rule { requirement: "authorization/messages.list", check: |input, it| access::open_to(input, it, Operation::MessagesList) },
    Rule { requirement: "authorization/messages.send", check: |input, it| access::open_to(input, it, Operation::MessagesSend) },
    Rule { requirement: "authorization/messages.get", check: |input, it| access::open_to(input, it, Operation::MessagesGet) },
    Rule { requirement: "authorization/messages.edit", check: |input, it| access::open_to(input, it, Operation::MessagesEdit) },
    Rule { requirement: "authorization/messages.delete", check: |input, it| access::open_to(input, it, Operation::MessagesDelete) },
    Rule { requirement: "authorization/messages.mark_read", check: |input, it| access::open_to(input, it, Operation::MessagesMarkRead) },
    Rule { requirement: "authorization/participants.list", check: |input, it| access::open_to(input, it, Operation::ParticipantsList) },
    Rule { requirement: "authorization/participants.add", check: |input, it| access::open_to(input, it, Operation::ParticipantsAdd) },
    Rule { requirement: "authorization/participants.remove", check: |input, it| access::open_to(input, it, Operation::ParticipantsRemove) },
    Rule { requirement: "authorization/participants.mute", check: |input, it| access::open_to(input, it, Operation::ParticipantsMute) },
    Rule { requirement: "authorization/no-side-effect", check: effect::no_side_effect },
    Rule { requirement: "authorization/no-existence-leak", check: existence::no_leak },
    Rule { requirement: "authorization/events-after-removal", check: expulsion::events },
];
