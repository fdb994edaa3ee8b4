//! Rule `unread/participants`.

use hearback_contract::RequirementId;

use super::bounds::check_bounds;
use super::views::Place;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::UnreadParticipants, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_bounds(input, Place::Participants, context);
}
