//! The verdict of a comparison.

use serde::{Deserialize, Serialize};

/// The verdict of a comparison, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComparisonVerdict {
    /// The second group is worse, significantly and by more than the minimum.
    Worse,
    /// Neither a difference nor its absence is established. More runs or a quieter machine could help.
    Inconclusive,
    /// The confidence interval excludes a change for the worse of the minimum size.
    NotWorse,
    /// The second group is better, significantly and by more than the minimum.
    Better,
}
