//! Rule `unread/zero-after-socket-mark`.

use hearback_contract::{ClientEvent, RequirementId};

use super::mark_effects::{AFTER_SOCKET, check_zero};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::UnreadZeroAfterSocketMark, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let variant = format!("unread_count after {}", ClientEvent::MarkRoomRead);
    check_zero(input, AFTER_SOCKET, &variant, context);
}
