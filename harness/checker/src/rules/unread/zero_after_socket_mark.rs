//! Checks that every view shows 0 to a member after a `mark_room_read` event that
//! `room_marked_read` confirmed, and before others send again. The rule applies only if the mark
//! had something to mark, and if everything that others sent was certainly sent before it.

use hearback_contract::{ClientEvent, RequirementId};

use super::mark_effects::check_zero;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::UnreadZeroAfterSocketMark, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let variant = format!("unread_count after {}", ClientEvent::MarkRoomRead);
    check_zero(input, RequirementId::UnreadZeroAfterSocketMark, &variant, context);
}
