//! Checks that no user is twice among the current participants of one room or page. Participants
//! with a `left_at` are earlier memberships, and are skipped.

use std::collections::BTreeSet;

use hearback_contract::{RequirementId, UserId};

use super::roster::rosters;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ParticipantListedOnce, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for roster in rosters(input, context) {
        let mut users = BTreeSet::new();
        let twice = roster.current.iter().map(|(user, _)| *user).find(|user| !users.insert(*user));
        context.check(twice.is_none(), || {
            Violation::new(
                format!("{}: participants", roster.place()),
                "each user is a current participant once",
                format!("user {} is listed again", twice.map_or(0, UserId::get)),
            )
            .evidence(roster.call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::participant::roster::testing::{CREATED, get};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::NotExercised;

    #[test]
    fn users_are_listed_once() {
        let of = |line: &str| format!("{CREATED}\n{line}");
        let twice = get("[10..11]", &[(1, true), (2, false), (1, true)]);
        let _departed =
            twice.replacen("\"left_at\": null", "\"left_at\": \"2026-01-01T00:00:00Z\"", 1);
        let rule = "participant/list-equals-room";
        assert_states(&[(rule, NotExercised, &of(&twice))]);
    }
}
