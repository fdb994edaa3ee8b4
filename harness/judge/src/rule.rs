//! Rules, and the registry of all of them.

use hearback_history::History;

use crate::examination::Examination;
use crate::rules;
use crate::world::World;

/// What a rule may look at: the history, and what follows from it.
#[derive(Clone, Copy, Debug)]
pub struct Case<'h> {
    /// The record.
    pub history: &'h History,
    /// Who was where and which message is which.
    pub world: &'h World<'h>,
}

/// A requirement and the function that examines a history for it.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The requirement's id.
    pub requirement: &'static str,
    /// Looks at everything in the history that the requirement speaks of.
    pub examine: for<'h> fn(Case<'h>, &mut Examination<'h>),
}

/// Every rule, a slice a family.
pub static RULES: &[&[Rule]] = &[
    rules::auth::RULES,
    rules::schema::RESPONSES,
    rules::schema::EVENTS,
    rules::schema::ALL,
    rules::status::RULES,
    rules::room::RULES,
    rules::message::RULES,
    rules::page::RULES,
    rules::socket::RULES,
    rules::delivery::RULES,
    rules::order::RULES,
    rules::authorization::RULES,
    rules::receipts::RULES,
    rules::unread::RULES,
    rules::deletion::RULES,
    rules::participant::RULES,
];

/// Every rule, in the order of the registry.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied().flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use hearback_contract::RequirementId;

    use super::*;

    #[test]
    fn every_requirement_has_one_rule_and_every_rule_a_requirement() {
        let mut ruled = HashSet::new();
        for rule in all() {
            rule.requirement.parse::<RequirementId>().unwrap();
            assert!(ruled.insert(rule.requirement), "{} has two rules", rule.requirement);
        }
        let missing: Vec<_> =
            RequirementId::all().filter(|id| !ruled.contains(id.as_str())).collect();
        assert!(missing.is_empty(), "without a rule: {missing:?}");
    }
}
