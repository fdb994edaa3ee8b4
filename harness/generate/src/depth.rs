//! The amount of generated input, and of waiting.

use std::time::Duration;

/// The number of cases per operation or event, for valid and for invalid input each, and the longest wait.
///
/// Enumerable cases come first, the most useful in front; random cases fill the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth {
    /// Number of cases per operation or event and kind of input.
    pub cases: usize,
    /// Maximum time that a scenario waits for its own sake.
    pub wait: Duration,
}

impl Depth {
    /// Less than 1,000 requests, and no waits.
    pub const QUICK: Self = Self { cases: 12, wait: Duration::ZERO };
    /// A few thousand requests, and waits of seconds.
    pub const STANDARD: Self = Self { cases: 80, wait: Duration::from_secs(3) };
    /// 10,000 requests and more, and waits of a minute.
    pub const DEEP: Self = Self { cases: 1_000, wait: Duration::from_secs(60) };
    /// No generated input, and no waits.
    pub const NONE: Self = Self { cases: 0, wait: Duration::ZERO };

    /// The number of sequences; each takes about as long as a few dozen requests.
    pub fn sequences(self) -> usize {
        self.cases * 3 / 10
    }
}
