//! Tables in HTML, as the context of the macro in `table.html.jinja`.

use minijinja::{Value, context};

use super::Table;

/// The macro `grid`.
pub(crate) const TEMPLATE: &str = include_str!("table.html.jinja");

impl Table {
    /// The table for the macro `grid`.
    pub(crate) fn html(&self) -> Value {
        context! {
            title => self.title,
            has_head => self.has_header(),
            columns => self.columns.iter().map(|column| context! {
                name => column.name,
                class => column.align.class(),
            }).collect::<Vec<_>>(),
            rows => self.rows.iter().map(|row| context! {
                tone => row.tone.class(),
                cells => row.cells.iter().map(|cell| cell.text()).collect::<Vec<_>>(),
            }).collect::<Vec<_>>(),
        }
    }
}
