//! Rules of family `unread`: for every member, in every view.

mod marking;
mod view;

use hearback_contract::RequirementId;

use crate::rule::Rule;

/// The rules of this family.
#[rustfmt::skip]
pub static RULES: &[Rule] = &[
    Rule { requirement: RequirementId::UnreadDetail, check: view::detail },
    Rule { requirement: RequirementId::UnreadList, check: view::list },
    Rule { requirement: RequirementId::UnreadStats, check: view::stats },
    Rule { requirement: RequirementId::UnreadParticipants, check: view::participants },
    Rule { requirement: RequirementId::UnreadEstablished, check: view::established },
    Rule { requirement: RequirementId::UnreadOwnNeverCount, check: marking::own_never_count },
    Rule { requirement: RequirementId::UnreadZeroAfterMarkRead, check: marking::zero_after_mark_read },
    Rule { requirement: RequirementId::UnreadZeroAfterSocketMark, check: marking::zero_after_socket_mark },
    Rule { requirement: RequirementId::UnreadOthersUnmoved, check: marking::others_unmoved },
];
