//! The rules: one folder per family, one file per requirement.
//!
//! A file that is named like a requirement contains its `RULE`. Files with tables (operations,
//! events, kinds of tokens) contain one rule per row. The other files of a family contain what its
//! rules share.

mod answer;
pub mod auth;
pub mod authorization;
pub mod deletion;
pub mod delivery;
pub mod input;
mod mass_assignment;
pub mod message;
mod moment;
pub mod order;
pub mod page;
pub mod participant;
pub mod receipts;
pub mod room;
pub mod schema;
pub mod socket;
pub mod status;
mod text;
pub mod unread;

#[cfg(test)]
mod testing;

use crate::rule::Rule;

/// Every rule, in the order of the requirements.
pub static RULES: &[&[Rule]] = &[
    auth::RULES,
    schema::responses::RULES,
    schema::events::RULES,
    schema::RULES,
    status::RULES,
    input::RULES,
    room::RULES,
    message::RULES,
    page::RULES,
    socket::RULES,
    delivery::RULES,
    order::RULES,
    authorization::operations::RULES,
    authorization::RULES,
    receipts::RULES,
    unread::RULES,
    deletion::RULES,
    participant::RULES,
];

/// Every rule, in the order of the requirements.
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
            assert!(ruled.insert(rule.requirement), "{} has two rules", rule.requirement);
        }
        let missing: Vec<_> = RequirementId::all().filter(|id| !ruled.contains(id)).collect();
        assert!(missing.is_empty(), "without a rule: {missing:?}");
    }
}
