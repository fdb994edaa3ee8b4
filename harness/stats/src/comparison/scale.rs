//! How metrics change: by a factor, or by an amount.

use serde::{Deserialize, Serialize};

/// How a metric changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// By a factor; changes are in percent of the first side.
    Ratio,
    /// By an amount; changes are in the metric's own unit.
    Difference,
}

impl Scale {
    /// On the scale where a change is a difference.
    pub(super) fn forth(self, value: f64) -> f64 {
        match self {
            // Latencies are told apart from a microsecond on.
            Self::Ratio => value.max(0.001).ln(),
            Self::Difference => value,
        }
    }

    pub(super) fn back(self, value: f64) -> f64 {
        match self {
            Self::Ratio => value.exp(),
            Self::Difference => value,
        }
    }

    /// A difference on that scale as people read it.
    pub(super) fn change(self, difference: f64) -> f64 {
        match self {
            Self::Ratio => 100.0 * difference.exp_m1(),
            Self::Difference => difference,
        }
    }
}
