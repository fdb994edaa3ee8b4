//! Results of service levels.

use serde::{Deserialize, Serialize};

use crate::metric_value::MetricValue;

/// The result of a service level.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SloResult {
    /// Text of the service level.
    pub slo: String,
    /// Measured value, in the unit of the metric.
    pub value: MetricValue,
    /// Measured value, in words.
    pub measured: String,
    /// Whether the service level is met; false without samples. `None` if the run ended before it could be
    /// measured, or its measurements are invalid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met: Option<bool>,
}

impl SloResult {
    /// The miss of the service level, in words.
    pub fn miss(&self) -> String {
        format!("`{}` was missed: {}", self.slo, self.measured)
    }

    /// Returns whether the service level was measured and is not met.
    pub fn is_missed(&self) -> bool {
        self.met == Some(false)
    }
}
