//! The layout of reports that are text.

/// The layout of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// True if ANSI colors are used.
    pub color: bool,
    /// Width in columns, at least 40.
    pub width: usize,
    /// True if held requirements, the authorization matrix and all findings are shown.
    pub verbose: bool,
}

impl Default for Style {
    /// For files: 100 columns, no color, not verbose.
    fn default() -> Self {
        Self { color: false, width: 100, verbose: false }
    }
}
