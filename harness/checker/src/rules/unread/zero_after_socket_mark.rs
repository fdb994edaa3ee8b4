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

#[cfg(test)]
mod tests {
    use crate::rules::unread::mark_effects::testing::{
        REST, SOCKET, assert_counts, assert_zero_required,
    };
    use crate::verdict::State::NotExercised;

    const RULE: &str = "unread/zero-after-socket-mark";

    #[test]
    fn nothing_is_unread_after_a_mark() {
        assert_zero_required(RULE, SOCKET, REST);
        let unanswered = SOCKET.replace("<- @room_marked_read", "<- @error_event");
        assert_counts(RULE, &[(NotExercised, "bob", &unanswered, 1)]);
    }
}
