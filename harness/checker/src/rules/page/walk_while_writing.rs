//! A walk from the oldest message on is not disturbed by messages that arrive during it.
//!
//! With `ordering=created_at` new messages are appended, so everything acknowledged before the walk
//! keeps its place and is visited exactly once. A send that was already under way when the walk
//! began may get an earlier place, and edits and deletions may move items: the rule abstains in
//! both cases. Walks without any send belong to page/walk-complete.

use ahash::AHashMap;
use hearback_contract::{MessageRef, RequirementId};
use hearback_history::Interval;

use super::visits::{check_visits, finished_walks, stable};
use crate::model::WriteKind;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::PageWalkWhileWriting, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for walk in finished_walks(input, 2, context) {
        let listing = walk.listing();
        let sends = listing.room.writes(WriteKind::Send);
        let begin = Interval { invoked: listing.at.invoked, returned: listing.at.invoked };
        if listing.ordering != Some("created_at") || !sends.overlaps(walk.interval()) {
            continue;
        }
        // A send under way at the beginning may get an earlier place than one that was there.
        let is_appended = !sends.overlaps(begin)
            && input.model.is_quiet(listing.room, &[WriteKind::Alter], walk.interval());
        if !is_appended || !listing.is_by_initial_member() {
            context.inconclusive(Reason::ConcurrentWrites);
            continue;
        }
        let Some(ids) = walk.ids() else {
            context.inconclusive(Reason::SchemaBroken("id".into()));
            continue;
        };
        let stable = stable(input, &walk);
        let mut visits: AHashMap<MessageRef<'_>, usize> = AHashMap::with_capacity(ids.len());
        for id in ids {
            *visits.entry(id).or_default() += 1;
        }
        let repeated = stable
            .iter()
            .map(|message| message.id.borrowed())
            .find(|id| visits.get(id).is_some_and(|visits| *visits > 1));
        check_visits(&walk, "a walk while messages arrive", &stable, repeated, &visits, context);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::page::testing::{SENT, walk};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

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
