//! Checks that a mute is over after its `muted_until`, by the clock of the target: a message that was sent by REST before
//! the read has a later `created_at`.

use std::cmp::Ordering;

use hearback_contract::RequirementId;
use serde_json::Value;

use super::mutes::{check_flag, reads};
use crate::model::Origin;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::moment::Moment;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ParticipantTimedMuteEnds, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for read in reads(input, true) {
        let Some(until) = read.until.and_then(Moment::parse) else { continue };
        let at = read.observation.call.interval();
        let is_over = input.model.messages.values().any(|message| {
            let Origin::Rest(call) = message.origin else { return false };
            let created = call.success().and_then(|body| body.get("created_at"));
            let created = created.and_then(Value::as_str).and_then(Moment::parse);
            call.interval().precedes(at)
                && created.is_some_and(|it| it.compare(until) == Ordering::Greater)
        });
        if is_over {
            check_flag(&read, false, context);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::participant::mutes::testing::{mute, of, read};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn a_mute_is_over_after_its_time() {
        let rule = "participant/timed-mute-ends";
        let muted =
            mute("[10..20]", r#"{"muted": true, "muted_until": "2026-01-01T00:00:02Z"}"#, "200 {}");
        let sent = |time: &str| {
            format!(
                r#"[2500..2510] alice messages.send {{"room": "$r1", "content": "x"}} => 201 @message {{"id": "$m1", "created_at": "{time}"}}"#
            )
        };
        let (later, sooner) = (sent("2026-01-01T00:00:03Z"), sent("2026-01-01T00:00:01Z"));
        let own = |fields: &str| read("bob", "[2520..2530]", fields);
        let (yes, no) = (r#""is_muted": true"#, r#""is_muted": false"#);
        assert_states(&[
            (rule, Held, &of(&[&muted, &later, &own(no)])),
            (rule, Broken, &of(&[&muted, &later, &own(yes)])),
            (rule, NotExercised, &of(&[&muted, &sooner, &own(yes)])),
            (rule, NotExercised, &of(&[&muted, &own(yes)])),
        ]);
    }
}
