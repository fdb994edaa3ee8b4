//! What a rule is.

use hearback_contract::RequirementId;
use hearback_history::History;

use crate::model::Model;
use crate::rule_context::RuleContext;

/// What a rule may look at: the history, and what follows from it.
#[derive(Clone, Copy, Debug)]
pub struct RuleInput<'h> {
    /// The record.
    pub history: &'h History,
    /// Who was where and which message is which.
    pub model: &'h Model<'h>,
}

/// A requirement and the function that checks a history for it.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The requirement that it checks.
    pub requirement: RequirementId,
    /// Checks everything in the history that the requirement covers.
    pub check: for<'h> fn(RuleInput<'h>, &mut RuleContext<'h>),
}
