//! Checks that a member who unmuted sees `is_muted` false on their own participant. The unmute must
//! be the last change that may have been made before the read.

use hearback_contract::RequirementId;

use super::mutes::{check_flag, reads};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ParticipantUnmute, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for read in reads(input, false) {
        check_flag(&read, false, context);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::participant::mutes::testing::{mute, of, read};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn unmuting_clears_the_own_participant() {
        let rule = "participant/unmute";
        let unmute = mute("[22..25]", r#"{"muted": false}"#, "200 {}");
        let muted = mute("[10..20]", r#"{"muted": true}"#, "200 {}");
        let own = |flag: bool| read("bob", "[30..31]", &format!(r#""is_muted": {flag}"#));
        assert_states(&[
            (rule, Held, &of(&[&muted, &unmute, &own(false)])),
            (rule, Broken, &of(&[&muted, &unmute, &own(true)])),
            (rule, NotExercised, &of(&[&muted.replace("..20]", "..23]"), &unmute, &own(true)])),
            (rule, NotExercised, &of(&[&muted, &own(true)])),
        ]);
    }
}
