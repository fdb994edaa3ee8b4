//! Pure functions from a recorded history to verdicts.
//!
//! The checker does no I/O, reads no clock and knows no target, so a stored history gives the same
//! verdicts whenever it is checked. A [`Rule`] ties a requirement to the function that checks it.
//! What rules have in common (rooms, members, messages, and when) is computed once, in the
//! [`model`].
//!
//! Checking is bound by the CPU: asynchronous callers run it on a blocking thread.

pub mod evidence;
pub mod matrix;
pub mod model;
mod parts;
mod per_body;
mod readings;
pub mod reason;
pub mod rule;
pub mod rule_context;
mod rules;
pub mod scope;
mod strict_violations;
pub mod subject;
pub mod verdict;
pub mod verdicts;
pub mod violation;

pub use evidence::Evidence;
pub use matrix::{AuthorizationMatrix, Cell, CellState};
pub use parts::check_parts;
pub use readings::ObservedReading;
pub use reason::Reason;
pub use rule::{Rule, RuleInput};
pub use rule_context::RuleContext;
pub use scope::{Place, Scope};
pub use subject::{Defect, Subject};
pub use verdict::{Finding, State, Verdict};
pub use verdicts::{Verdicts, check_history};
pub use violation::Violation;
