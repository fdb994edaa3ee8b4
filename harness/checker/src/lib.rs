//! What it means: pure functions from a recorded history to verdicts.
//!
//! No I/O, no clock, no target: a stored history judged again tomorrow gives the same verdicts. A
//! [`Rule`] ties a requirement to the function that examines it; what rules have in common, who was in
//! which room when and which message is which, is worked out once, in the [`model`].

mod certainty;
pub mod examination;
pub mod grid;
pub mod judgement;
pub mod model;
pub mod reproduction;
pub mod rule;
pub mod rules;
pub mod verdict;

pub use examination::{Breach, Examination, Witness};
pub use grid::{Cell, CellVerdict, Grid, grid};
pub use judgement::{Judgement, judge};
pub use rule::{Case, Rule};
pub use verdict::{Finding, State, Verdict};
