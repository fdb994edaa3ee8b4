//! Checks that `last_read_at` of a participant is set after the member marked the room read, and
//! never moves back. Each read is compared with the latest value in the reads that certainly came
//! before it. A member who left and came back may start over.

use ahash::AHashMap;
use hearback_contract::{RequirementId, RoomRef, UserId};

use crate::model::{ParticipantObservation, UnreadBounds};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, text_or_null};
use crate::rules::moment::Moment;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ReceiptsLastReadAt, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut reads: AHashMap<(RoomRef<'_>, UserId), Vec<Read<'h>>> = AHashMap::new();
    for observation in input.model.participant_observations.iter().filter(|it| it.is_current()) {
        let room = input.model.room(observation.room);
        let at = observation.call.interval();
        let unread_bounds = room.and_then(|room| room.unread_bounds(observation.user, at));
        let Some(unread_bounds) = unread_bounds else { continue };
        let time = member(observation.value, "last_read_at", text_or_null, context);
        let Some(time) = time else { continue };
        let time = match time.map(|text| (text, Moment::parse(text))) {
            None => None,
            Some((text, Some(moment))) => Some((text, moment)),
            Some((_, None)) => {
                context.inconclusive(Reason::SchemaBroken("last_read_at".into()));
                continue;
            }
        };
        let key = (observation.room, observation.user);
        reads.entry(key).or_default().push(Read { observation, unread_bounds, time });
    }
    let mut all: Vec<_> = reads.into_values().collect();
    all.sort_by_key(|reads| reads[0].observation.call.seq);
    for reads in &all {
        check_member(reads, context);
    }
}

/// One read of a participant with its `last_read_at`.
struct Read<'h> {
    observation: &'h ParticipantObservation<'h>,
    unread_bounds: UnreadBounds<'h, 'h>,
    /// `None` if it is null.
    time: Option<(&'h str, Moment)>,
}

/// Checks the reads of one member, which are ordered by invocation.
fn check_member<'h>(reads: &[Read<'h>], context: &mut RuleContext<'h>) {
    let returned = |read: &&Read<'h>| read.observation.call.interval().returned;
    let mut by_return: Vec<_> = reads.iter().collect();
    by_return.sort_by_key(returned);
    let mut merged = by_return.into_iter().peekable();
    // The latest time in the reads that certainly came before.
    let mut latest: Option<(&Read<'h>, &str, Moment)> = None;
    for read in reads {
        let call = read.observation.call;
        while let Some(earlier) = merged.next_if(|it| returned(it) < call.invoked) {
            let Some((text, moment)) = earlier.time else { continue };
            // A member who came back may have started over.
            let is_later = latest.is_none_or(|(known, _, latest)| {
                known.unread_bounds.joined < earlier.unread_bounds.joined
                    || moment.compare(latest).is_gt()
            });
            if is_later {
                latest = Some((earlier, text, moment));
            }
        }
        let Some(mark) = read.unread_bounds.mark else { continue };
        let violation = |variant: &str, expected: String, actual: String| {
            Violation::new(format!("last_read_at {variant}"), expected, actual)
        };
        let Some((text, moment)) = read.time else {
            context.check(false, || {
                let expected = "`last_read_at` is set: the member marked the room read".to_owned();
                let violation = violation("null", expected, "it is null".to_owned());
                violation.evidence(mark.evidence).evidence(call)
            });
            continue;
        };
        let before =
            latest.filter(|(it, _, _)| it.observation.call.invoked > read.unread_bounds.joined);
        let is_back = before.filter(|(_, _, latest)| moment.compare(*latest).is_lt());
        context.check(is_back.is_none(), || {
            let (earlier, known, _) = is_back.unwrap_or((read, text, moment));
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
        let read = |times: &str, time: &str| {
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
            (Held, &[mark, &read("[50..51]", late)]),
            (Broken, &[mark, &read("[50..51]", "null")]),
            (NotExercised, &[mark, &read("[35..51]", "null")]),
            (NotExercised, &[mark, again, &read("[60..61]", "null")]),
            (Held, &[&read("[25..26]", early), mark, &read("[50..51]", early)]),
            (Broken, &[&read("[25..26]", late), mark, &read("[50..51]", early)]),
            (Held, &[&read("[25..50]", late), mark, &read("[50..51]", early)]),
            (
                Held,
                &[
                    mark,
                    &read("[50..51]", late),
                    again,
                    "[56..57] bob rooms.mark_read $r1 => 200 {}",
                    &read("[60..61]", early),
                ],
            ),
            (Undecided, &[mark, &read("[50..51]", "\"today\"")]),
        ];
        for (state, lines) in cases {
            assert_states(&[(rule, state, &history(lines))]);
        }
    }
}
