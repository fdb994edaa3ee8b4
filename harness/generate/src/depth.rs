//! How much is generated.

/// How many cases each operation and event gets, of each kind: valid ones, and invalid ones.
///
/// What can be enumerated comes first, the most telling in front; random cases fill what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth {
    /// Cases of one operation or event and one kind.
    pub cases: usize,
}

impl Depth {
    /// Less than a thousand requests.
    pub const QUICK: Self = Self { cases: 12 };
    /// A few thousand.
    pub const STANDARD: Self = Self { cases: 80 };
    /// Ten thousand and more.
    pub const DEEP: Self = Self { cases: 1_000 };
    /// None at all.
    pub const NONE: Self = Self { cases: 0 };

    /// Sequences of commands, each of which takes about as long as a few dozen requests.
    pub fn sequences(self) -> usize {
        self.cases * 3 / 10
    }
}
