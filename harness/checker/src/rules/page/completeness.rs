//! Walks visit everything, once.

use ahash::{AHashMap, AHashSet};
use hearback_history::Interval;

use super::listing::is_still;
use super::walk::{Walk, walks};
use crate::model::{Message, WriteKind};
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};

/// Walks to the end with nothing written meanwhile.
fn still_walks<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) -> Vec<Walk<'h>> {
    let mut still = Vec::new();
    for walk in walks(input).into_iter().filter(Walk::is_finished) {
        if is_still(input, walk.listing().room, walk.interval()) {
            still.push(walk);
        } else {
            context.inconclusive("messages were written during each walk");
        }
    }
    still
}

pub(super) fn count<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for walk in still_walks(input, context) {
        let walked: usize = walk.pages.iter().map(|page| page.items.len()).sum();
        let listing = walk.listing();
        let room = listing.room;
        let sent = room.acknowledged_before(listing.at) as u64;
        let is_short = listing.is_by_founder() && (walked as u64) < listing.least();
        if !room.has_foreign_messages && (is_short || walked as u64 > sent) {
            context.inconclusive("the walk is not complete: see page/walk-complete");
            continue;
        }
        for page in &walk.pages {
            let Some(count) = page.count else {
                context.inconclusive("`count` is absent or mistyped: see the schema requirements");
                continue;
            };
            context.check(count == walked as u64, || {
                Violation::new(
                    "messages.list: count",
                    format!("`count` is {walked}, as many as are in all pages"),
                    format!("it is {count}"),
                )
                .evidence(page.listing.call)
                .evidence(walk.last().listing.call)
            });
        }
    }
}

pub(super) fn walk_complete<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for walk in still_walks(input, context) {
        if walk.pages.len() < 2 {
            continue;
        }
        let listing = walk.listing();
        let needed = listing.documented_size().zip(walk.last().count);
        if needed.is_some_and(|(size, count)| size * (walk.pages.len() as u64) < count) {
            context.inconclusive("the walk ended early: see page/last-has-no-next");
            continue;
        }
        let Some(ids) = walk.ids() else {
            context.inconclusive("a message has no id: see the schema requirements");
            continue;
        };
        let mut visits: AHashMap<&str, usize> = AHashMap::with_capacity(ids.len());
        for id in ids {
            *visits.entry(id).or_default() += 1;
        }
        let stable = if listing.is_by_founder() { stable(input, &walk) } else { Vec::new() };
        let repeated = visits.iter().filter(|(_, visits)| **visits > 1).map(|(id, _)| *id).min();
        check_visits(&walk, "a walk", &stable, repeated, &visits, context);
    }
}

pub(super) fn walk_while_writing<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for walk in walks(input).into_iter().filter(|walk| walk.is_finished() && walk.pages.len() > 1) {
        let listing = walk.listing();
        let sends = listing.room.writes(WriteKind::Send);
        let begin = Interval { invoked: listing.at.invoked, returned: listing.at.invoked };
        if listing.ordering != Some("created_at") || !sends.overlaps(walk.interval()) {
            continue;
        }
        // A send under way at the beginning may get an earlier place than one that was there.
        let is_appended = !sends.overlaps(begin)
            && input.model.is_quiet(listing.room, &[WriteKind::Alter], walk.interval());
        if !is_appended || !listing.is_by_founder() {
            context.inconclusive("what was there when the walk began cannot be told");
            continue;
        }
        let Some(ids) = walk.ids() else {
            context.inconclusive("a message has no id: see the schema requirements");
            continue;
        };
        let stable = stable(input, &walk);
        let mut visits: AHashMap<&str, usize> = AHashMap::with_capacity(ids.len());
        for id in ids {
            *visits.entry(id).or_default() += 1;
        }
        let repeated = stable
            .iter()
            .map(|message| message.id.as_str())
            .find(|id| visits.get(id).is_some_and(|visits| *visits > 1));
        check_visits(&walk, "a walk while messages arrive", &stable, repeated, &visits, context);
    }
}

/// Messages of the room that were there before the walk began and surely still are when it ends.
fn stable<'h>(input: RuleInput<'h>, walk: &Walk<'h>) -> Vec<&'h Message<'h>> {
    let listing = walk.listing();
    let model = input.model;
    listing
        .room
        .messages
        .iter()
        .filter_map(|id| model.messages.get(id))
        .take_while(|message| message.sent.invoked < listing.at.invoked)
        .filter(|message| {
            message.sent.precedes(listing.at) && !message.maybe_deleted(walk.interval())
        })
        .collect()
}

fn check_visits<'h>(
    walk: &Walk<'h>,
    what: &str,
    stable: &[&'h Message<'h>],
    repeated: Option<&str>,
    visits: &AHashMap<&str, usize>,
    context: &mut RuleContext<'h>,
) {
    let (first, last) = (walk.listing().call, walk.last().listing.call);
    context.check(repeated.is_none(), || {
        Violation::new(
            format!("messages.list: {what} repeats"),
            format!("{what} of {} pages visits no message twice", walk.pages.len()),
            format!("it visits {} again", repeated.unwrap_or_default()),
        )
        .evidence(first)
        .evidence(last)
    });
    if stable.is_empty() {
        return;
    }
    let missed: AHashSet<&str> = stable
        .iter()
        .map(|message| message.id.as_str())
        .filter(|id| !visits.contains_key(id))
        .collect();
    let example = stable.iter().find(|message| missed.contains(message.id.as_str()));
    context.check(example.is_none(), || {
        let violation = Violation::new(
            format!("messages.list: {what} misses"),
            format!("{what} of {} pages visits all {} messages", walk.pages.len(), stable.len()),
            format!(
                "it misses {}, {} among them",
                missed.len(),
                example.map_or("", |message| message.id.as_str())
            ),
        );
        let violation = match example {
            Some(message) => violation.evidence(message.origin),
            None => violation,
        };
        violation.evidence(first).evidence(last)
    });
}

#[cfg(test)]
mod tests {
    use crate::rules::page::testing::{link, page_of, room_with};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    /// Four messages in two pages of two, with `between` in the middle.
    fn walk(counts: [usize; 2], first: &[usize], between: &str, second: &[usize]) -> String {
        let query = "&ordering=created_at&page_size=2";
        format!(
            "{}{}\n{between}\n{}",
            room_with(4),
            page_of(query, first, counts[0], &link(&format!("{query}&page=2"))),
            page_of(&format!("{query}&page=2"), second, counts[1], "null")
        )
    }

    const SENT: &str = r#"bob messages.send {"room": "$r1", "content": "b"} => 201 @message {"id": "$m4", "room": "$r1"}"#;

    #[test]
    fn count_is_what_is_walked() {
        const RULE: &str = "page/count";
        assert_states(&[
            (RULE, Held, &walk([4, 4], &[0, 1], "", &[2, 3])),
            (RULE, Broken, &walk([4, 5], &[0, 1], "", &[2, 3])),
            (RULE, Broken, &walk([2, 2], &[0, 1], "", &[2, 3])),
            // Another requirement's business, or nobody's.
            (RULE, Undecided, &walk([4, 4], &[0, 1], "", &[2])),
            (RULE, Undecided, &walk([4, 5], &[0, 1], SENT, &[2, 3, 4])),
        ]);
    }

    #[test]
    fn a_walk_visits_everything_once() {
        const RULE: &str = "page/walk-complete";
        let deleted = walk([3, 3], &[1, 2], "", &[3]).replacen(
            "alice messages.list",
            "alice messages.delete $m0 => 200 {}\nalice messages.list",
            1,
        );
        assert_states(&[
            (RULE, Held, &walk([4, 4], &[0, 1], "", &[2, 3])),
            (RULE, Broken, &walk([4, 4], &[0, 1], "", &[3])),
            (RULE, Broken, &walk([4, 4], &[0, 1], "", &[1, 2, 3])),
            (RULE, Undecided, &walk([9, 9], &[0, 1], "", &[2, 3])),
            (RULE, Undecided, &walk([4, 5], &[0, 1], SENT, &[3])),
            // A deleted message may be listed or not.
            (RULE, Held, &deleted),
            (RULE, NotExercised, &format!("{}{}", room_with(2), page_of("", &[0], 1, "null"))),
        ]);
    }

    #[test]
    fn arrivals_do_not_disturb_a_walk_from_the_oldest_on() {
        const RULE: &str = "page/walk-while-writing";
        let overlapping = walk([4, 5], &[0, 1], "", &[1, 2])
            .replacen(
                "alice messages.list",
                &format!("[50..90] {SENT}\n[60..61] alice messages.list"),
                1,
            )
            .replace(
                "alice messages.list ?room=$r1&ordering=created_at&page_size=2&page=2",
                "[70..71] alice messages.list ?room=$r1&ordering=created_at&page_size=2&page=2",
            );
        assert_states(&[
            (RULE, Held, &walk([4, 5], &[0, 1], SENT, &[2, 3])),
            (RULE, Held, &walk([4, 5], &[0, 1], SENT, &[2, 3, 4, 4])),
            (RULE, Broken, &walk([4, 5], &[0, 1], SENT, &[3, 4])),
            (RULE, Broken, &walk([4, 5], &[0, 1], SENT, &[1, 2, 3])),
            (RULE, NotExercised, &walk([4, 4], &[0, 1], "", &[2, 3])),
            (
                RULE,
                NotExercised,
                &walk([4, 5], &[0, 1], SENT, &[1, 2]).replace("=created_at", "=-created_at"),
            ),
            (
                RULE,
                Undecided,
                &walk(
                    [4, 5],
                    &[0, 1],
                    &format!("{SENT}\nalice messages.delete $m0 => 200 {{}}"),
                    &[3],
                ),
            ),
            (RULE, Undecided, &overlapping),
        ]);
    }
}
