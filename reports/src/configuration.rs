//! The effective configuration of a command.

use hearback_config::options::Effective;

use crate::table::{Row, Table};

/// The values of options, with their sources.
pub fn effective(values: Vec<Effective>) -> Table {
    let row = |value: Effective| {
        Row::plain([value.key.into(), value.value.into(), value.origin.to_string().into()])
    };
    let rows = values.into_iter().map(row).collect();
    Table::new("", &["key", "value", "source"], rows)
}
