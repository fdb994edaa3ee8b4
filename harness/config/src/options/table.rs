//! Tables of `hearback.toml` that are not options.

/// A table that is not an option, and is read by the crate that its content belongs to.
#[derive(Clone, Copy, Debug)]
pub struct TypedTable {
    /// Name of the table.
    pub name: &'static str,
    /// Its JSON Schema.
    pub schema: &'static str,
    /// Key of the option with a file, whose place the table can take.
    pub replaces: Option<&'static str>,
    /// Name of the table without which this one has no effect.
    pub requires: Option<&'static str>,
}
