//! Rules of family `input`: what may be asked is taken, what may not is refused and leaves no trace.

mod body;
mod id;
mod query;
mod trace;
mod valid;

use hearback_contract::RequirementId;

use crate::rule::Rule;

/// The rules of this family.
pub static RULES: &[Rule] = &[
    Rule { requirement: RequirementId::InputValidAccepted, check: valid::accepted },
    Rule { requirement: RequirementId::InputInvalidBodyRefused, check: body::refused },
    Rule { requirement: RequirementId::InputInvalidQueryRefused, check: query::refused },
    Rule { requirement: RequirementId::InputMalformedIdRefused, check: id::refused },
    Rule { requirement: RequirementId::InputRefusalChangesNothing, check: trace::none },
];
