//! Checks that a muted member sees `is_muted` true on their own participant, and the requested
//! `muted_until` where it is shown. The mute must be the last change that may have been made before
//! the read. A mute that ends within a day of the read is skipped, because the clock of the target
//! may differ.

use hearback_contract::RequirementId;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::mutes::{check_flag, reads, violation};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::shown;
use crate::rules::moment;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ParticipantMute, check };

/// A mute that ends sooner may be over when it is read, because the clock of the target may differ.
const MAX_CLOCK_DIFFERENCE: SignedDuration = SignedDuration::from_hours(24);

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let started =
        input.history.start.as_ref().and_then(|it| it.started_at.parse::<Timestamp>().ok());
    for read in reads(input, true) {
        let Some(until) = read.until else {
            check_flag(&read, true, context);
            continue;
        };
        let elapsed =
            i64::try_from(read.observation.call.interval().returned.get()).unwrap_or(i64::MAX);
        let ends = until.parse::<Timestamp>().ok().zip(started);
        let is_over = ends.is_none_or(|(ends, started)| {
            ends.duration_since(started)
                < SignedDuration::from_nanos(elapsed) + MAX_CLOCK_DIFFERENCE
        });
        if is_over {
            context.inconclusive(Reason::MuteExpired);
            continue;
        }
        check_flag(&read, true, context);
        // `muted_until` need not be shown (muted-until-in-participant).
        let Some(value) = read.observation.value.get("muted_until") else { continue };
        let is_same = match value {
            Value::Null => false,
            Value::String(text) => moment::is_same(text, until),
            _ => continue,
        };
        context.check(is_same, || violation(&read, "muted_until", until.to_owned(), shown(value)));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::participant::mutes::testing::{mute, of, read};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn muting_sets_the_own_participant() {
        let rule = "participant/mute";
        let forever = mute("[10..20]", r#"{"muted": true}"#, "200 {}");
        let until = |time: &str| {
            mute("[10..20]", &format!(r#"{{"muted": true, "muted_until": "{time}"}}"#), "200 {}")
        };
        let far = until("2036-01-01T00:00:00Z");
        let (yes, no) = (r#""is_muted": true"#, r#""is_muted": false"#);
        let (own, later) = (|fields: &str| read("bob", "[30..31]", fields), "[22..25]");
        let shown = |time: &str| own(&format!(r#"{yes}, "muted_until": {time}"#));
        let back = format!(
            r#"{later} bob rooms.leave $r1 => 200 {{}}
            [26..27] alice participants.add {{"room": "$r1", "user": 2}} => 201 {{}}"#
        );
        assert_states(&[
            (rule, Held, &of(&[&forever, &own(yes)])),
            (rule, Broken, &of(&[&forever, &own(no)])),
            (rule, NotExercised, &of(&[&forever, &read("alice", "[30..31]", no)])),
            (rule, NotExercised, &of(&[&forever, &read("bob", "[15..31]", no)])),
            (rule, NotExercised, &of(&[&forever.replace("200", "500"), &own(no)])),
            (
                rule,
                NotExercised,
                &of(&[&forever.replace("{\"muted", "as:text/plain {\"muted"), &own(no)]),
            ),
            (
                rule,
                NotExercised,
                &of(&[&forever, &mute(later, r#"{"muted": false}"#, "?"), &own(no)]),
            ),
            (rule, NotExercised, &of(&[&forever, &back, &own(no)])),
            (rule, Broken, &of(&[&far, &own(no)])),
            (rule, Held, &of(&[&far, &own(yes)])),
            (rule, Held, &of(&[&far, &shown(r#""2036-01-01T01:00:00.000+01:00""#)])),
            (rule, Broken, &of(&[&far, &shown(r#""2036-01-01T01:00:00Z""#)])),
            (rule, Broken, &of(&[&far, &shown("null")])),
            // By the clock of the run, this mute is over or may soon be.
            (rule, Undecided, &of(&[&until("2026-01-01T00:00:01Z"), &own(no)])),
            (
                rule,
                Broken,
                &of(&[&mute(
                    "[10..20]",
                    r#"{"muted": true}"#,
                    r#"200 @participant {"id": 2, "user": {"id": 2}, "room": "$r1", "is_muted": false}"#,
                )]),
            ),
        ]);
    }
}
