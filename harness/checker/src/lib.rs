//! What it means: pure functions from a recorded history to verdicts.
//!
//! No I/O, no clock, no target: a stored history judged again tomorrow gives the same verdicts. A
//! [`Rule`] ties a requirement to the function that examines it; what rules have in common, who was in
//! which room when and which message is which, is worked out once, in the [`model`].

pub mod matrix;
pub mod model;
pub mod reason;
pub mod rule;
pub mod rule_context;
pub mod rules;
mod strict_violations;
pub mod verdict;
pub mod verdicts;

pub use matrix::{AuthorizationMatrix, Cell, CellState, matrix};
pub use reason::Reason;
pub use rule::{Rule, RuleInput};
pub use rule_context::{Evidence, RuleContext, Violation};
pub use verdict::{Finding, State, Verdict};
pub use verdicts::{Verdicts, check_history};
