//! Rule `participant/departed-stream-ends`.

use hearback_contract::RequirementId;

use super::departed_sockets::check_departures;
use crate::model::Departure;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::ParticipantDepartedStreamEnds, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_departures(input, Departure::Left, "rooms.leave", context);
}
