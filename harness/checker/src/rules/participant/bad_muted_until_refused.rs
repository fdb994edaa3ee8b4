//! Checks that a `muted_until` that is not a date-time is rejected with 400. Only texts that no
//! server can read as a time count; dates without a zone or a clock are skipped. The member must
//! mute themselves in an active room.

use hearback_contract::{Operation, RequirementId};
use jiff::{Timestamp, civil};
use serde_json::Value;

use super::responses::check_status;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::quoted;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::ParticipantBadMutedUntilRefused, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::ParticipantsMute) {
        let request = |name| call.request.as_ref().and_then(|body| body.get(name));
        let until = request("muted_until").and_then(Value::as_str);
        let bad =
            until.filter(|text| is_not_a_time(text) && request("muted") == Some(&true.into()));
        let subject = call.participant_in_path().and_then(|id| input.model.participant(id));
        let (Some(until), Some((room, user))) = (bad, subject) else { continue };
        let is_own = input.model.user_id(&call.invocation.actor) == Some(user);
        let at = call.interval();
        let may_mute = is_own
            && call.is_authorized()
            && room.surely_member(user, at)
            && room.surely_active(at);
        if may_mute {
            let expected =
                || format!("{}, which is not a date-time, is rejected with 400", quoted(until));
            let variant = "a `muted_until` that is not a date-time";
            check_status(call, |status| status == 400, (variant, expected), context);
        }
    }
}

/// Returns whether no server can read a text as a time, not even as one without a zone or a clock.
fn is_not_a_time(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty()
        && text.parse::<Timestamp>().is_err()
        && text.parse::<civil::DateTime>().is_err()
        && text.parse::<f64>().is_err()
}

#[cfg(test)]
mod tests {
    use crate::rules::participant::roster::testing::CREATED;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn texts_that_are_not_times_are_rejected() {
        let rule = "participant/bad-muted-until-refused";
        let mute = |until: &str, answer: &str| {
            format!(
                r#"{CREATED}
                bob participants.mute 2 {{"muted": true, "muted_until": {until}}} => {answer}"#
            )
        };
        assert_states(&[
            (rule, Held, &mute(r#""tomorrow""#, "400 @error")),
            (rule, Broken, &mute(r#""tomorrow""#, "200 {}")),
            (rule, Broken, &mute(r#""2026-13-45T00:00:00Z""#, "200 {}")),
            (rule, NotExercised, &mute(r#""2036-01-01T00:00:00Z""#, "200 {}")),
            (rule, NotExercised, &mute(r#""2036-01-01""#, "200 {}")),
            (rule, NotExercised, &mute(r#""""#, "200 {}")),
            (rule, NotExercised, &mute("null", "200 {}")),
            (
                rule,
                NotExercised,
                &mute(r#""tomorrow""#, "200 {}").replace("bob part", "alice part"),
            ),
            (
                rule,
                NotExercised,
                &mute(r#""tomorrow""#, "200 {}")
                    .replace("true, \"muted_until", "false, \"muted_until"),
            ),
        ]);
    }
}
