//! Rule `receipts/last-read-at`.

use ahash::AHashMap;
use hearback_contract::RequirementId;

use crate::model::{ParticipantObservation, UnreadBounds};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::{member, text_or_null};
use crate::rules::moment::Moment;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ReceiptsLastReadAt, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut sights: AHashMap<(&str, i64), Vec<Sight<'h>>> = AHashMap::new();
    for observation in input.model.participant_observations.iter().filter(|it| it.is_current()) {
        let room = input.model.rooms.get(observation.room);
        let at = observation.call.interval();
        let unread_bounds = room.and_then(|room| room.unread_bounds(observation.user, at));
        let Some(unread_bounds) = unread_bounds else { continue };
        let read = member(observation.value, "last_read_at", text_or_null, context);
        let Some(read) = read else { continue };
        let read = match read.map(|text| (text, Moment::parse(text))) {
            None => None,
            Some((text, Some(moment))) => Some((text, moment)),
            Some((_, None)) => {
                context.inconclusive("`last_read_at` is no date-time: see the schema requirements");
                continue;
            }
        };
        let key = (observation.room, observation.user);
        sights.entry(key).or_default().push(Sight { observation, unread_bounds, read });
    }
    let mut all: Vec<_> = sights.into_values().collect();
    all.sort_by_key(|sights| sights[0].observation.call.seq);
    for sights in &all {
        check_member(sights, context);
    }
}

/// A participant as it was shown, and what is known of the member's reading.
struct Sight<'h> {
    observation: &'h ParticipantObservation<'h>,
    unread_bounds: UnreadBounds<'h, 'h>,
    /// `last_read_at`, if it is not null.
    read: Option<(&'h str, Moment)>,
}

/// Checks the sights of one member, which are in the order of their invocation.
fn check_member<'h>(sights: &[Sight<'h>], context: &mut RuleContext<'h>) {
    let returned = |sight: &&Sight<'h>| sight.observation.call.interval().returned;
    let mut by_return: Vec<_> = sights.iter().collect();
    by_return.sort_by_key(returned);
    let mut merged = by_return.into_iter().peekable();
    // The latest that a sight that surely came before has shown.
    let mut latest: Option<(&Sight<'h>, &str, Moment)> = None;
    for sight in sights {
        let call = sight.observation.call;
        while let Some(earlier) = merged.next_if(|it| returned(it) < call.invoked) {
            let Some((text, moment)) = earlier.read else { continue };
            // Who came again may have begun anew.
            let is_later = latest.is_none_or(|(known, _, latest)| {
                known.unread_bounds.joined < earlier.unread_bounds.joined
                    || moment.compare(latest).is_gt()
            });
            if is_later {
                latest = Some((earlier, text, moment));
            }
        }
        let Some(mark) = sight.unread_bounds.mark else { continue };
        let violation = |variant: &str, expected: String, actual: String| {
            Violation::new(format!("last_read_at {variant}"), expected, actual)
        };
        let Some((text, moment)) = sight.read else {
            context.check(false, || {
                let expected = "`last_read_at` is set: the member marked the room read".to_owned();
                let violation = violation("null", expected, "it is null".to_owned());
                violation.evidence(mark.evidence).evidence(call)
            });
            continue;
        };
        let before =
            latest.filter(|(it, _, _)| it.observation.call.invoked > sight.unread_bounds.joined);
        let is_back = before.filter(|(_, _, latest)| moment.compare(*latest).is_lt());
        context.check(is_back.is_none(), || {
            let (earlier, known, _) = is_back.unwrap_or((sight, text, moment));
            let expected = format!("`last_read_at` is {known} or later, as before");
            let violation = violation("moves back", expected, format!("it is {text}"));
            violation.evidence(earlier.observation.call).evidence(call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::receipts::readers::testing::history;
    use crate::rules::testing::assert_states;
    use crate::verdict::State;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn marking_moves_last_read_at() {
        let rule = "receipts/last-read-at";
        let look = |times: &str, time: &str| {
            format!(
                r#"{times} alice participants.list ?room=$r1 => 200 {{"results": [@participant {{"user": {{"id": 2}}, "room": "$r1", "last_read_at": {time}}}]}}"#
            )
        };
        let mark = "[30..40] bob rooms.mark_read $r1 => 200 {}";
        let (early, late) = (r#""2025-10-19T14:25:00Z""#, r#""2025-10-19T14:26:00Z""#);
        let again = r#"
            [52..53] bob rooms.leave $r1 => 200 {}
            [54..55] alice participants.add {"room": "$r1", "user": 2} => 201 {}"#;
        let cases: [(State, &[&str]); 9] = [
            (Held, &[mark, &look("[50..51]", late)]),
            (Broken, &[mark, &look("[50..51]", "null")]),
            (NotExercised, &[mark, &look("[35..51]", "null")]),
            (NotExercised, &[mark, again, &look("[60..61]", "null")]),
            (Held, &[&look("[25..26]", early), mark, &look("[50..51]", early)]),
            (Broken, &[&look("[25..26]", late), mark, &look("[50..51]", early)]),
            (Held, &[&look("[25..50]", late), mark, &look("[50..51]", early)]),
            (
                Held,
                &[
                    mark,
                    &look("[50..51]", late),
                    again,
                    "[56..57] bob rooms.mark_read $r1 => 200 {}",
                    &look("[60..61]", early),
                ],
            ),
            (Undecided, &[mark, &look("[50..51]", "\"today\"")]),
        ];
        for (state, lines) in cases {
            assert_states(&[(rule, state, &history(lines))]);
        }
    }
}
