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
    Rule { requirement: "authorization/rooms.get", examine: |case, it| access::open_to(case, it, Operation::RoomsGet) },
    Rule { requirement: "authorization/rooms.mark_read", examine: |case, it| access::open_to(case, it, Operation::RoomsMarkRead) },
    Rule { requirement: "authorization/rooms.leave", examine: |case, it| access::open_to(case, it, Operation::RoomsLeave) },
    Rule { requirement: "authorization/rooms.archive", examine: |case, it| access::open_to(case, it, Operation::RoomsArchive) },
    Rule { requirement: "authorization/rooms.stats", examine: |case, it| access::open_to(case, it, Operation::RoomsStats) },
    Rule { requirement: "authorization/messages.list", examine: |case, it| access::open_to(case, it, Operation::MessagesList) },
    Rule { requirement: "authorization/messages.send", examine: |case, it| access::open_to(case, it, Operation::MessagesSend) },
    Rule { requirement: "authorization/messages.get", examine: |case, it| access::open_to(case, it, Operation::MessagesGet) },
    Rule { requirement: "authorization/messages.edit", examine: |case, it| access::open_to(case, it, Operation::MessagesEdit) },
    Rule { requirement: "authorization/messages.delete", examine: |case, it| access::open_to(case, it, Operation::MessagesDelete) },
    Rule { requirement: "authorization/messages.mark_read", examine: |case, it| access::open_to(case, it, Operation::MessagesMarkRead) },
    Rule { requirement: "authorization/participants.list", examine: |case, it| access::open_to(case, it, Operation::ParticipantsList) },
    Rule { requirement: "authorization/participants.add", examine: |case, it| access::open_to(case, it, Operation::ParticipantsAdd) },
    Rule { requirement: "authorization/participants.remove", examine: |case, it| access::open_to(case, it, Operation::ParticipantsRemove) },
    Rule { requirement: "authorization/participants.mute", examine: |case, it| access::open_to(case, it, Operation::ParticipantsMute) },
    Rule { requirement: "authorization/no-side-effect", examine: effect::no_side_effect },
    Rule { requirement: "authorization/no-existence-leak", examine: existence::no_leak },
    Rule { requirement: "authorization/events-after-removal", examine: expulsion::events },
];
