//! Parts of lists.

/// A part of a list: some rows after an offset.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Rows to skip.
    pub offset: i64,
    /// Maximum number of rows.
    pub limit: i64,
}

impl Window {
    /// All rows; a limit of -1 is unlimited in SQLite.
    pub const ALL: Self = Self { offset: 0, limit: -1 };
}
