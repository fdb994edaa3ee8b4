//! The result of a capacity search.

use serde::{Deserialize, Serialize};

use super::LoadOutcome;
use super::SloResult;

/// The result of a capacity search.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CapacityRecord {
    /// Varied quantity: `rate`, in messages per second, or `members`, in sockets.
    pub variable: String,
    /// Highest value that met the service levels in every trial, except for single misses that did not
    /// recur; `note` reports those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<f64>,
    /// Lowest value that missed a service level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaks: Option<f64>,
    /// Lowest value that the generator could not produce, if it is below the value that broke: the capacity
    /// of the target may be higher.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generator_limit: Option<f64>,
    /// Number of confirmations required for each end of the interval.
    pub confirmations: u64,
    /// Explanation of a missing end, or of a wider interval than requested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// All trials, in order.
    pub trials: Vec<Trial>,
}

/// One trial of a capacity search.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Value of the varied quantity.
    pub value: f64,
    /// Outcome of the trial.
    pub outcome: LoadOutcome,
    /// Results of the service levels.
    pub slos: Vec<SloResult>,
    /// Reasons why the measurements are invalid; empty for a valid trial.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invalid_reasons: Vec<String>,
    /// Reason why the trial was aborted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aborted: Option<String>,
}

impl Trial {
    /// Reasons for the outcome; empty if all service levels were met.
    pub fn reasons(&self) -> Vec<String> {
        let missed = self.slos.iter().filter(|slo| slo.is_missed());
        let missed = missed.map(|slo| format!("{}: {}", slo.slo, slo.measured));
        match self.outcome {
            LoadOutcome::Met => Vec::new(),
            // The measurements of an invalid trial explain nothing.
            LoadOutcome::Invalid => self.invalid_reasons.clone(),
            _ => self.aborted.iter().cloned().chain(missed).collect(),
        }
    }
}
