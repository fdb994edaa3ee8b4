//! Checks the `unread_count` in every `rooms.get`. The count must lie between the messages of
//! others that were certainly sent and certainly not read, and those that may be unread; sends,
//! marks and deletions that overlap the request widen the bounds, so only a count outside of every
//! possible order is blamed. Users who are not certainly members are skipped.

use hearback_contract::RequirementId;

use super::bounds::check_bounds;
use super::views::ViewKind;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::UnreadDetail, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_bounds(input, ViewKind::Detail, context);
}
