//! What a rule is.

use hearback_history::History;

use crate::examination::Examination;
use crate::model::World;

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
