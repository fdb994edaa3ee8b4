//! Scales on which metrics change.

use serde::{Deserialize, Serialize};

/// Minimum latency that is resolved, in milliseconds.
const MIN_MS: f64 = 0.001;

/// The scale on which a metric changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// By a factor. Changes are in percent of the first group.
    Ratio,
    /// By an amount. Changes are in the unit of the metric.
    Difference,
}

impl Scale {
    /// Converts a value to the scale on which changes are differences.
    pub(super) fn to_additive(self, value: f64) -> f64 {
        match self {
            Self::Ratio => value.max(MIN_MS).ln(),
            Self::Difference => value,
        }
    }

    /// Converts values to the scale on which changes are differences.
    pub(super) fn to_additive_all(self, values: &[f64]) -> Vec<f64> {
        values.iter().map(|value| self.to_additive(*value)).collect()
    }

    /// Converts a value back from the scale on which changes are differences.
    pub(super) fn to_value(self, value: f64) -> f64 {
        match self {
            Self::Ratio => value.exp(),
            Self::Difference => value,
        }
    }

    /// Converts a difference on the additive scale to a change: percent, or the unit of the metric.
    pub(super) fn change(self, difference: f64) -> f64 {
        match self {
            Self::Ratio => 100.0 * difference.exp_m1(),
            Self::Difference => difference,
        }
    }
}
