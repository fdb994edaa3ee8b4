//! Values of metrics.

use serde::{Deserialize, Serialize};

/// The value of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetricValue {
    /// There are no samples.
    NoSamples,
    /// A number, in the unit of the metric.
    Value(f64),
    /// The value falls among the deliveries that never arrived.
    Never,
}

impl MetricValue {
    /// The number, if there is one.
    pub fn value(self) -> Option<f64> {
        match self {
            Self::Value(value) => Some(value),
            Self::NoSamples | Self::Never => None,
        }
    }
}
