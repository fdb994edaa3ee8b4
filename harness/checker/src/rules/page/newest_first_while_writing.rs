//! A walk from the newest message on misses no message that was there when it began, although messages that
//! arrive meanwhile move it to later pages.
//!
//! Messages that were visited already may be visited again. The rule abstains if a message was sent during a
//! request (page/whole-while-writing), and if edits or deletions may have moved items.

use ahash::AHashSet;
use hearback_contract::{MessageRef, RequirementId};

use super::visits::{finished_walks, stable};
use crate::model::WriteKind;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::PageNewestFirstWhileWriting, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for walk in finished_walks(input, 2, context) {
        let listing = walk.listing();
        let sends = listing.room.writes(WriteKind::Send);
        if listing.ordering != Some("-created_at") || !sends.overlaps(walk.interval()) {
            continue;
        }
        let is_still = walk.pages.iter().all(|page| !sends.overlaps(page.listing.at))
            && input.model.is_quiet(listing.room, &[WriteKind::Alter], walk.interval());
        if !is_still || !listing.is_by_initial_member() {
            context.inconclusive(Reason::ConcurrentWrites);
            continue;
        }
        let Some(ids) = walk.ids() else {
            context.inconclusive(Reason::SchemaBroken("id".into()));
            continue;
        };
        let visited: AHashSet<MessageRef<'_>> = ids.into_iter().collect();
        let stable = stable(input, &walk);
        let missed = stable.iter().find(|message| !visited.contains(&message.id.borrowed()));
        context.check(missed.is_none(), || {
            let violation = Violation::new(
                "messages.list: a walk, newest first, misses",
                format!("{} pages, newest first, contain all earlier messages", walk.pages.len()),
                format!("they lack {}", missed.map_or("", |message| message.id.as_str())),
            );
            let violation = match missed {
                Some(message) => violation.evidence(message.origin),
                None => violation,
            };
            violation.evidence(listing.call).evidence(walk.last().listing.call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::page::testing::{SENT, walk};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn arrivals_hide_nothing_from_a_walk_from_the_newest_on() {
        const RULE: &str = "page/newest-first-while-writing";
        let newest_first = |counts, first: &[usize], meanwhile: &str, second: &[usize]| {
            walk(counts, first, meanwhile, second).replace("=created_at", "=-created_at")
        };
        let deletion = format!("{SENT}\nalice messages.delete $m0 => 200 {{}}");
        assert_states(&[
            (RULE, Held, &newest_first([4, 5], &[3, 2], SENT, &[1, 0])),
            (RULE, Held, &newest_first([4, 5], &[3, 2], SENT, &[2, 1, 0])),
            (RULE, Broken, &newest_first([4, 5], &[3, 2], SENT, &[0])),
            (RULE, Undecided, &newest_first([4, 5], &[3, 2], &deletion, &[1])),
            (RULE, NotExercised, &newest_first([4, 4], &[3, 2], "", &[1])),
            (RULE, NotExercised, &walk([4, 5], &[0, 1], SENT, &[2])),
        ]);
    }
}
