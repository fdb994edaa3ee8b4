//! Distributions of sizes.

use serde::{Deserialize, Serialize};

/// The distribution of a size: the number of members per room, or the length of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sizes {
    /// Always the same size.
    Fixed(usize),
    /// A log-uniform distribution between two bounds: each doubling of the size is equally likely.
    Between(usize, usize),
}

impl Sizes {
    /// Maximum size.
    pub fn largest(self) -> usize {
        match self {
            Self::Fixed(size) | Self::Between(_, size) => size,
        }
    }

    /// Draws one size; `random` returns a number between 0 and 1.
    pub fn pick(self, random: impl FnOnce() -> f64) -> usize {
        match self {
            Self::Fixed(size) => size,
            Self::Between(from, to) => {
                let (from, to) = (from as f64, to as f64);
                let size = from * ((to + 1.0) / from).powf(random());
                (size as usize).clamp(from as usize, to as usize)
            }
        }
    }
}
