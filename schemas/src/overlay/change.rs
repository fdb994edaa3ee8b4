//! A change of an overlay, as reports list it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A difference from the shipped contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The changed schema with the place in it, operation, requirement, permission or question.
    pub subject: String,
    /// The effect on clients of the shipped contract.
    pub effect: Effect,
    /// The difference, in words.
    pub text: String,
}

/// The effect of a change on clients that rely on the shipped contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// A client may fail.
    Breaking,
    /// Every client still works.
    Compatible,
}

impl fmt::Display for Effect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Breaking => "breaking",
            Self::Compatible => "compatible",
        })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} ({})", self.subject, self.text, self.effect)
    }
}
