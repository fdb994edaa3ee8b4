//! Reads that show writes late.

use serde::{Deserialize, Serialize};

use crate::nanoseconds::Nanoseconds;

/// The time from a write until reads show it, as measured at the beginning of a run; zero if the first read does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasuredLag {
    /// Reads other than searches, such as those of a replica.
    pub reads: Nanoseconds,
    /// Searches, such as those of an index.
    pub searches: Nanoseconds,
}
