//! What was read stays read, since the same moment.

use std::collections::BTreeMap;

use ahash::AHashMap;
use hearback_history::Interval;
use serde_json::Value;

use super::{Readers, readers, sights};
use crate::model::{Message, MessageObservation, Room, WriteKind};
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::member;
use crate::rules::moment::is_same;

/// A message as it was shown with its readers.
#[derive(Debug)]
struct Sight<'h> {
    observation: &'h MessageObservation<'h>,
    readers: Readers<'h>,
}

/// Sights of one message.
struct Album<'h> {
    message: &'h Message<'h>,
    room: &'h Room<'h>,
    /// By invocation.
    sights: Vec<Sight<'h>>,
    /// Positions in `sights`, by return.
    by_return: Vec<usize>,
}

impl<'h> Album<'h> {
    fn returned(&self, position: usize) -> u64 {
        self.sights[self.by_return[position]].observation.at.returned
    }

    /// The last sight that surely came before `interval`.
    fn before(&self, interval: Interval) -> Option<&Sight<'h>> {
        let earlier = self
            .by_return
            .partition_point(|index| self.sights[*index].observation.at.precedes(interval));
        Some(&self.sights[self.by_return[earlier.checked_sub(1)?]])
    }

    /// The first sight that surely came after `interval`.
    fn after(&self, interval: Interval) -> Option<&Sight<'h>> {
        let from = self.sights.partition_point(|sight| !interval.precedes(sight.observation.at));
        self.sights.get(from)
    }
}

fn albums<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) -> Vec<Album<'h>> {
    let mut albums: Vec<Album<'h>> = Vec::new();
    let mut of_message: AHashMap<&str, usize> = AHashMap::new();
    for (observation, message) in sights(input) {
        let Some(room) = input.model.rooms.get(&message.room) else { continue };
        let Some(readers) = member(observation.value, "read_by", readers, context) else {
            continue;
        };
        let index = *of_message.entry(&message.id).or_insert_with(|| {
            albums.push(Album { message, room, sights: Vec::new(), by_return: Vec::new() });
            albums.len() - 1
        });
        albums[index].sights.push(Sight { observation, readers });
    }
    for album in &mut albums {
        album.sights.sort_by_key(|sight| sight.observation.at.invoked);
        album.by_return = (0..album.sights.len()).collect();
        album.by_return.sort_by_key(|index| album.sights[*index].observation.at.returned);
    }
    albums
}

pub(super) fn never_lost<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for album in albums(input, context) {
        // Who was a reader in a sight that surely came before, since when, and which sight.
        let mut before: BTreeMap<i64, (&str, &MessageObservation<'h>)> = BTreeMap::new();
        let mut merged = 0;
        for sight in &album.sights {
            let at = sight.observation.at;
            while album.returned(merged) < at.invoked {
                let earlier = &album.sights[album.by_return[merged]];
                for (user, time) in &earlier.readers {
                    before.entry(*user).or_insert((time, earlier.observation));
                }
                merged += 1;
            }
            // What is left of a deleted message is the server's to say.
            if album.message.maybe_deleted(at) {
                continue;
            }
            for (user, (time, earlier)) in &before {
                let now = sight.readers.get(user);
                let is_kept = now.is_some_and(|now| is_same(time, now));
                // A time that a second mark moved is receipts/idempotent's business.
                let reader = album.room.reading.reader(*user);
                let between = Interval { invoked: earlier.at.invoked, ..at };
                let is_marked = reader.is_some_and(|reader| reader.attempts.overlaps(between));
                if now.is_some() && !is_kept && is_marked {
                    continue;
                }
                context.check(is_kept, || {
                    let (variant, actual) = match now {
                        Some(now) => ("another time", format!("since {now}")),
                        None => ("lost", "is no reader any more".to_owned()),
                    };
                    Violation::new(
                        format!("read_by {variant} in {}", sight.observation.place()),
                        format!("user {user}, a reader since {time}, stays one since then"),
                        format!("user {user} {actual}"),
                    )
                    .evidence(earlier.evidence)
                    .evidence(sight.observation.evidence)
                });
            }
        }
    }
}

pub(super) fn idempotent<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for album in albums(input, context) {
        for receipt in album.message.receipts.iter().filter(|receipt| receipt.is_sure) {
            let sights = album.before(receipt.given).zip(album.after(receipt.given));
            let Some((before, after)) = sights else { continue };
            let Some(since) = before.readers.get(&receipt.user) else { continue };
            let (one, other) = (before.observation, after.observation);
            if album.message.maybe_deleted(other.at) {
                continue;
            }
            // Whatever else happens meanwhile; a reader who is lost is receipts/never-lost's business.
            let now = after.readers.get(&receipt.user);
            let same_time = now.is_none_or(|now| is_same(since, now));
            let span = Interval { invoked: one.at.invoked, returned: other.at.returned };
            let is_alone = album.room.writes(WriteKind::Read).count_overlapping(span) == 1;
            let count = |observation: &MessageObservation<'h>| {
                observation.value.get("read_count").and_then(Value::as_u64)
            };
            let same_readers = before.readers.keys().eq(after.readers.keys());
            let counts = count(one).zip(count(other));
            let same_count = counts.is_none_or(|(one, other)| one == other);
            let holds = same_time && (!is_alone || same_readers && same_count);
            context.check(holds, || {
                let shown = |sight: &Sight<'h>| {
                    let count = count(sight.observation).unwrap_or_default();
                    format!("{:?} and `read_count` {count}", sight.readers)
                };
                Violation::new(
                    "a second mark",
                    format!("`read_by` stays {}", shown(before)),
                    format!("it is {} after user {} marked it again", shown(after), receipt.user),
                )
                .evidence(one.evidence)
                .evidence(receipt.evidence)
                .evidence(other.evidence)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{MARKED, get, history};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn readers_stay_readers() {
        let rule = "receipts/never-lost";
        let first = get("bob", "[50..60]", &[(2, 1)], "");
        let then = |times: &str, readers: &[(i64, u32)]| {
            history(&[MARKED, &first, &get("carol", times, readers, "")])
        };
        let fine = then("[70..71]", &[(2, 1)]).replace("14:31:01Z", "14:31:01.000Z");
        let deleted = format!("{}\n[65..66] alice messages.delete $m1 => ?", then("[70..71]", &[]));
        let again =
            format!("{}\n[61..62] bob rooms.mark_read $r1 => ?", then("[70..71]", &[(2, 9)]));
        assert_states(&[
            (rule, Held, &then("[70..71]", &[(2, 1), (3, 5)])),
            (rule, Held, &fine),
            (rule, Broken, &then("[70..71]", &[])),
            (rule, Broken, &then("[70..71]", &[(3, 1)])),
            (rule, Broken, &then("[70..71]", &[(2, 9)])),
            (rule, NotExercised, &then("[55..71]", &[])),
            (rule, NotExercised, &deleted),
            (rule, NotExercised, &again),
        ]);
    }

    #[test]
    fn a_second_mark_changes_nothing() {
        let rule = "receipts/idempotent";
        let before = get("bob", "[50..60]", &[(2, 1)], "");
        let again = "[70..75] bob messages.mark_read $m1 => 200 {}";
        let then = |readers: &[(i64, u32)], fields: &str| {
            history(&[MARKED, &before, again, &get("carol", "[80..81]", readers, fields)])
        };
        let meanwhile = "[62..64] carol rooms.mark_read $r1 => 200 {}";
        assert_states(&[
            (rule, Held, &then(&[(2, 1)], "")),
            (rule, Broken, &then(&[(2, 2)], "")),
            (rule, Broken, &then(&[(2, 1)], r#", "read_count": 2"#)),
            (rule, Broken, &then(&[], "")),
            (rule, Held, &format!("{}\n{meanwhile}", then(&[(2, 1), (3, 1)], ""))),
            (rule, Broken, &format!("{}\n{meanwhile}", then(&[(2, 2), (3, 1)], ""))),
            (rule, NotExercised, &history(&[MARKED, &before])),
            (rule, NotExercised, &history(&[&get("bob", "[25..26]", &[], ""), MARKED, &before])),
        ]);
    }
}
