//! Rules, and what they check.

use hearback_contract::RequirementId;
use hearback_history::History;

use crate::model::Model;
use crate::rule_context::RuleContext;

/// The input of a rule.
#[derive(Clone, Copy, Debug)]
pub struct RuleInput<'h> {
    /// The recorded history.
    pub history: &'h History,
    /// The model of the history.
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
