//! One's own notifications.

use ahash::AHashMap;
use hearback_contract::Operation;
use hearback_history::{Call, Interval};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::model::{IntervalIndex, ParticipantObservation};
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::{member, shown};
use crate::rules::moment;

/// A mute that ends sooner may be over when it is looked at, as the target's clock goes.
const FAR_OFF: SignedDuration = SignedDuration::from_hours(24);

/// What was done to one participant's notifications.
#[derive(Default)]
struct Mutes<'h> {
    /// Successful ones by the member, as asked, by return.
    sure: Vec<&'h Call>,
    /// All that may have been done, by anybody.
    possible: IntervalIndex,
}

fn mutes<'h>(input: RuleInput<'h>) -> AHashMap<(&'h str, i64), Mutes<'h>> {
    let mut calls: AHashMap<(&str, i64), Vec<&Call>> = AHashMap::new();
    for call in input.history.calls_of(Operation::ParticipantsMute).filter(|it| it.maybe_done()) {
        let subject = call.subject().and_then(|id| input.model.participant(id));
        if let Some((room, user)) = subject {
            calls.entry((&room.id, user)).or_default().push(call);
        }
    }
    let of = |user: i64, calls: Vec<&'h Call>| {
        let is_sure = |call: &&Call| {
            let is_own = input.model.user_id(&call.invocation.actor) == Some(user);
            call.succeeded() && call.is_authorized() && is_own && asked(call).is_some()
        };
        let mut sure: Vec<_> = calls.iter().copied().filter(is_sure).collect();
        sure.sort_by_key(|call| call.interval().returned);
        let settled = |call: &&Call| match call.succeeded() {
            true => call.interval(),
            false => Interval { returned: u64::MAX, ..call.interval() },
        };
        Mutes { sure, possible: calls.iter().map(settled).collect() }
    };
    calls.into_iter().map(|(key, calls)| (key, of(key.1, calls))).collect()
}

/// Whether to mute, and until when.
fn asked(call: &Call) -> Option<(bool, Option<&str>)> {
    let request = call.request.as_ref()?;
    let until = match request.get("muted_until") {
        None | Some(Value::Null) => None,
        Some(until) => Some(until.as_str()?),
    };
    Some((request.get("muted")?.as_bool()?, until))
}

/// One's own participant as one saw it, and the mute or unmute that it must show.
struct Sight<'h> {
    observation: &'h ParticipantObservation<'h>,
    call: &'h Call,
    until: Option<&'h str>,
}

fn sights(input: RuleInput<'_>, muted: bool) -> Vec<Sight<'_>> {
    let mutes = mutes(input);
    let mut sights = Vec::new();
    for observation in input.model.participant_observations.iter().filter(|it| it.is_current()) {
        let ParticipantObservation { room, user, call: shown_in, .. } = *observation;
        let is_own = input.model.user_id(&shown_in.invocation.actor) == Some(user);
        let Some(mutes) = mutes.get(&(room, user)).filter(|_| is_own) else { continue };
        let at = shown_in.interval();
        let answered = mutes.sure.iter().find(|call| call.seq == shown_in.seq);
        let earlier = mutes.sure.partition_point(|call| call.interval().precedes(at));
        let before = earlier.checked_sub(1).map(|last| &mutes.sure[last]);
        let Some(call) = answered.or(before).copied() else { continue };
        // Nothing else may have been done since, and who came again begins anew.
        let span = Interval { invoked: call.invoked, returned: at.returned };
        let unread_bounds =
            input.model.rooms.get(room).and_then(|room| room.unread_bounds(user, at));
        let is_settled = mutes.possible.count_overlapping(span) == 1
            && unread_bounds.is_some_and(|unread_bounds| unread_bounds.joined < call.invoked);
        match asked(call) {
            Some((asked, until)) if asked == muted && is_settled => {
                sights.push(Sight { observation, call, until });
            }
            _ => {}
        }
    }
    sights
}

fn check_flag<'h>(sight: &Sight<'h>, muted: bool, context: &mut RuleContext<'h>) {
    let Some(flag) = member(sight.observation.value, "is_muted", Value::as_bool, context) else {
        return;
    };
    context
        .check(flag == muted, || violation(sight, "is_muted", muted.to_string(), flag.to_string()));
}

fn violation<'h>(
    sight: &Sight<'h>,
    field: &str,
    expected: String,
    actual: String,
) -> Violation<'h> {
    let place = sight.observation.call.operation().map_or("", Operation::id);
    let violation = Violation::new(
        format!("{place}: {field}"),
        format!("`{field}` is {expected}, as asked for"),
        format!("it is {actual}"),
    );
    let violation = violation.evidence(sight.call);
    if sight.call.seq == sight.observation.call.seq {
        violation
    } else {
        violation.evidence(sight.observation.call)
    }
}

pub(super) fn mute<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let started =
        input.history.start.as_ref().and_then(|it| it.started_at.parse::<Timestamp>().ok());
    for sight in sights(input, true) {
        let Some(until) = sight.until else {
            check_flag(&sight, true, context);
            continue;
        };
        let elapsed = i64::try_from(sight.observation.call.interval().returned).unwrap_or(i64::MAX);
        let ends = until.parse::<Timestamp>().ok().zip(started);
        let is_over = ends.is_none_or(|(ends, started)| {
            ends.duration_since(started) < SignedDuration::from_nanos(elapsed) + FAR_OFF
        });
        if is_over {
            context.inconclusive("the mute may be over by then");
            continue;
        }
        check_flag(&sight, true, context);
        // `muted_until` need not be shown (muted-until-in-participant).
        let Some(value) = sight.observation.value.get("muted_until") else { continue };
        let is_same = match value {
            Value::Null => false,
            Value::String(text) => moment::is_same(text, until),
            _ => continue,
        };
        context.check(is_same, || violation(&sight, "muted_until", until.to_owned(), shown(value)));
    }
}

pub(super) fn unmute<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for sight in sights(input, false) {
        check_flag(&sight, false, context);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::MADE;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    fn mute(times: &str, request: &str, answer: &str) -> String {
        format!("{times} bob participants.mute 2 {request} => {answer}")
    }

    /// Somebody sees bob's participant.
    fn look(who: &str, times: &str, fields: &str) -> String {
        format!(
            r#"{times} {who} participants.list ?room=$r1 => 200 {{"results": [@participant {{"id": 2, "user": {{"id": 2}}, "room": "$r1", {fields}}}]}}"#
        )
    }

    fn of(lines: &[&str]) -> String {
        format!("{MADE}\n{}", lines.join("\n"))
    }

    #[test]
    fn muting_shows_in_ones_own_participant() {
        let rule = "participant/mute";
        let forever = mute("[10..20]", r#"{"muted": true}"#, "200 {}");
        let until = |time: &str| {
            mute("[10..20]", &format!(r#"{{"muted": true, "muted_until": "{time}"}}"#), "200 {}")
        };
        let far = until("2036-01-01T00:00:00Z");
        let (yes, no) = (r#""is_muted": true"#, r#""is_muted": false"#);
        let (own, later) = (|fields: &str| look("bob", "[30..31]", fields), "[22..25]");
        let shown = |time: &str| own(&format!(r#"{yes}, "muted_until": {time}"#));
        let back = format!(
            r#"{later} bob rooms.leave $r1 => 200 {{}}
            [26..27] alice participants.add {{"room": "$r1", "user": 2}} => 201 {{}}"#
        );
        assert_states(&[
            (rule, Held, &of(&[&forever, &own(yes)])),
            (rule, Broken, &of(&[&forever, &own(no)])),
            (rule, NotExercised, &of(&[&forever, &look("alice", "[30..31]", no)])),
            (rule, NotExercised, &of(&[&forever, &look("bob", "[15..31]", no)])),
            (rule, NotExercised, &of(&[&forever.replace("200", "500"), &own(no)])),
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
            // By the clock of the run, this is over or may be soon.
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

    #[test]
    fn unmuting_shows_too() {
        let rule = "participant/unmute";
        let unmute = mute("[22..25]", r#"{"muted": false}"#, "200 {}");
        let muted = mute("[10..20]", r#"{"muted": true}"#, "200 {}");
        let own = |flag: bool| look("bob", "[30..31]", &format!(r#""is_muted": {flag}"#));
        assert_states(&[
            (rule, Held, &of(&[&muted, &unmute, &own(false)])),
            (rule, Broken, &of(&[&muted, &unmute, &own(true)])),
            (rule, NotExercised, &of(&[&muted.replace("..20]", "..23]"), &unmute, &own(true)])),
            (rule, NotExercised, &of(&[&muted, &own(true)])),
        ]);
    }
}
