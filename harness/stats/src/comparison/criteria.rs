//! Criteria of comparisons: sizes of groups, significance, and the smallest changes that count.

use serde::{Deserialize, Serialize};

/// Minimum number of runs per group. With fewer, no difference could be significant after correction.
pub const MIN_RUNS: usize = 5;
/// Maximum number of runs per group. With more, enumerating all permutations would take too long.
pub const MAX_RUNS: usize = 10;
/// Significance level: the accepted probability of a difference between a system and itself.
pub const SIGNIFICANCE: f64 = 0.05;

/// Smallest changes that count as a regression or an improvement.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Minimum {
    /// Minimum change of latencies, in percent.
    pub latency_percent: f64,
    /// Minimum change of the share of lost deliveries, in percentage points.
    pub loss_points: f64,
}

impl Default for Minimum {
    fn default() -> Self {
        Self { latency_percent: 10.0, loss_points: 0.01 }
    }
}
