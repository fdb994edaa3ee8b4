//! Valid values: boundary values of a schema, and random ones.

mod boundary;
mod random;

pub(crate) use boundary::{boundaries, distinct, interleaved, items, simplest, with};
pub(crate) use random::strategy;
