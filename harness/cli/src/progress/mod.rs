//! Renders the events of a run on standard error.

mod check;
mod load;
mod panel;

pub(crate) use check::CheckProgress;
pub(crate) use load::LoadProgress;
