//! The amount of generated input.

/// The number of cases per operation or event, for valid and for invalid input each.
///
/// Enumerable cases come first, the most useful in front; random cases fill the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth {
    /// Number of cases per operation or event and kind of input.
    pub cases: usize,
}

impl Depth {
    /// Less than 1,000 requests.
    pub const QUICK: Self = Self { cases: 12 };
    /// A few thousand requests.
    pub const STANDARD: Self = Self { cases: 80 };
    /// 10,000 requests and more.
    pub const DEEP: Self = Self { cases: 1_000 };
    /// No generated input.
    pub const NONE: Self = Self { cases: 0 };

    /// The number of sequences; each takes about as long as a few dozen requests.
    pub fn sequences(self) -> usize {
        self.cases * 3 / 10
    }
}
