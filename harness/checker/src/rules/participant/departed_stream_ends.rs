//! Checks that a socket receives nothing of the room after its user left. An event is blamed only
//! if it was certainly caused after `rooms.leave` returned: a message sent later, a receipt for
//! such a message or by a user who read nothing before, or more `typing` events than were sent
//! before. A socket that received nothing counts if the target closed it or if it stayed open long
//! enough after a later message.

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

#[cfg(test)]
mod tests {
    use crate::rules::participant::departed_sockets::testing::{
        LEAVE, RECEIVED, REMOVE, assert_no_later_message, of, send,
    };
    use crate::rules::testing::assert_states;
    use crate::verdict::State::NotExercised;

    const RULE: &str = "participant/departed-stream-ends";

    #[test]
    fn no_later_message_is_received() {
        assert_no_later_message(RULE, LEAVE);
        assert_states(&[(RULE, NotExercised, &of(REMOVE, &[&send("[30..35]"), RECEIVED]))]);
    }
}
