//! Following `next` from the first page visits every message exactly once.
//!
//! Without writes during the walk, a message that appears twice is a violation in every reading of
//! the specification. A message that is missing is a violation if it was acknowledged before the
//! walk, cannot have been deleted, and the viewer has been a member since the room was created. The
//! rule abstains if messages were written meanwhile, if the walk ended early
//! (page/last-has-no-next), and if a message has no id. A single page is not a walk; if `next` does not
//! lead to a page of the list, there is none. hearback walks at the target, whatever host `next` names.

use ahash::AHashMap;
use hearback_contract::{MessageRef, RequirementId};

use super::visits::{check_visits, stable, still_walks};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::PageWalkComplete, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for walk in still_walks(input, 2, context) {
        let listing = walk.listing();
        let needed = listing.documented_size().zip(walk.last().count);
        if needed.is_some_and(|(size, count)| size * (walk.pages.len() as u64) < count) {
            context.inconclusive(Reason::Violates(RequirementId::PageLastHasNoNext));
            continue;
        }
        let Some(ids) = walk.ids() else {
            context.inconclusive(Reason::SchemaBroken("id".into()));
            continue;
        };
        let mut visits: AHashMap<MessageRef<'_>, usize> = AHashMap::with_capacity(ids.len());
        for id in ids {
            *visits.entry(id).or_default() += 1;
        }
        let stable = if listing.is_by_initial_member() { stable(input, &walk) } else { Vec::new() };
        let repeated = visits.iter().filter(|(_, visits)| **visits > 1).map(|(id, _)| *id).min();
        check_visits(&walk, "a walk", &stable, repeated, &visits, context);
    }
}

#[cfg(test)]
mod tests {
    use crate::reason::Reason;
    use crate::rules::page::testing::{SENT, link, page_of, room_with, walk};
    use crate::rules::testing::{assert_states, verdict_of};
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

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
    fn a_walk_whose_links_name_another_host_is_a_walk() {
        const RULE: &str = "page/walk-complete";
        let behind_a_gateway = |second: &[usize]| {
            let walk = walk([4, 4], &[0, 1], "", second);
            assert!(walk.contains("http://target.test/api/"));
            walk.replace("http://target.test/api/", "https://internal.test:8000/api/")
        };
        assert_states(&[
            (RULE, Held, &behind_a_gateway(&[2, 3])),
            (RULE, Broken, &behind_a_gateway(&[3])),
        ]);
    }

    #[test]
    fn the_reason_is_not_that_a_single_page_was_listed_while_others_wrote() {
        const RULE: &str = "page/walk-complete";
        // Alice reads a single page while bob sends.
        let busy = page_of("", &[0, 1, 2, 3], 4, "null");
        let busy = format!("[50..90] {SENT}\n[60..61] {busy}");
        let alone = format!("{}{busy}", room_with(4));
        assert_eq!(verdict_of(RULE, &alone).reason, Some(Reason::NothingObserved));
        for elsewhere in [
            "/other/messages/?page=2",
            "javascript:alert(1)",
            "http://u:p@target.test/api/chat/messages/?page=2",
        ] {
            let first = page_of("&page_size=2", &[0, 1], 4, &format!("{elsewhere:?}"));
            let verdict = verdict_of(RULE, &format!("{}{first}\n{busy}", room_with(4)));
            let found = (verdict.state, verdict.reason);
            assert_eq!(found, (NotExercised, Some(Reason::LinkNotFollowed)), "{elsewhere}");
        }
        // A `next` that nothing followed, although it could be.
        let first = page_of("&page_size=2", &[0, 1], 4, &link("&page_size=2&page=2"));
        let verdict = verdict_of(RULE, &format!("{}{first}", room_with(4)));
        assert_eq!(verdict.reason, Some(Reason::NothingObserved));
    }
}
