//! Tables: one model, rendered as text, Markdown, JSON and, by a template, HTML.

pub(crate) mod html;
mod markdown;
mod text;

use hearback_history::escape::escape;
use serde_json::{Map, Value};

use crate::shown::shown;
pub use text::Layout;

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// The heading.
    pub title: &'static str,
    /// True if short formats fold the table away.
    pub is_detail: bool,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, with one cell per column.
    pub rows: Vec<Row>,
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The heading; empty if the cells need none.
    pub name: &'static str,
    /// The alignment of its cells.
    pub align: Align,
}

/// The alignment of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// For text.
    Left,
    /// For marks.
    Center,
    /// For numbers.
    Right,
}

/// A row of a table.
#[derive(Clone, Debug)]
pub struct Row {
    /// One cell per column.
    pub cells: Vec<Cell>,
    /// The color of the cells that have no tone of their own.
    pub tone: Tone,
}

/// A cell of a table.
#[derive(Clone, Debug)]
pub struct Cell {
    text: String,
    is_trusted: bool,
    tone: Tone,
}

/// The meaning of a row or a cell, shown as its color.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// No meaning of its own.
    Plain,
    /// Secondary information.
    Faint,
    /// A requirement or service level is met.
    Good,
    /// A requirement or service level is violated.
    Bad,
}

impl Table {
    /// A table with the given columns; the name of a right-aligned column begins with `#`.
    pub fn new(title: &'static str, columns: &[&'static str], rows: Vec<Row>) -> Self {
        let column = |name: &&'static str| match name.strip_prefix('#') {
            Some(name) => Column { name, align: Align::Right },
            None => Column { name, align: Align::Left },
        };
        Self { title, is_detail: false, columns: columns.iter().map(column).collect(), rows }
    }

    /// The same table, folded away by short formats.
    #[must_use]
    pub fn detail(self) -> Self {
        Self { is_detail: true, ..self }
    }

    /// Returns whether a column has a heading.
    pub fn has_header(&self) -> bool {
        self.columns.iter().any(|column| !column.name.is_empty())
    }

    /// The rows as JSON objects, whose keys are the names of the columns.
    pub fn json(&self) -> Value {
        let object = |row: &Row| {
            let members = self.columns.iter().zip(&row.cells);
            Value::Object(
                members
                    .map(|(column, cell)| (column.name.to_owned(), Value::from(cell.text.as_str())))
                    .collect::<Map<_, _>>(),
            )
        };
        self.rows.iter().map(object).collect()
    }
}

impl Row {
    /// A row of a tone.
    pub fn new(tone: Tone, cells: impl IntoIterator<Item = Cell>) -> Self {
        Self { cells: cells.into_iter().collect(), tone }
    }

    /// A row without a tone.
    pub fn plain(cells: impl IntoIterator<Item = Cell>) -> Self {
        Self::new(Tone::Plain, cells)
    }
}

impl Cell {
    /// A cell whose text hearback wrote.
    pub fn trusted(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_trusted: true, tone: Tone::Plain }
    }

    /// A cell whose text the user or the target wrote, and which therefore may contain markup.
    pub fn untrusted(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_trusted: false, tone: Tone::Plain }
    }

    /// The same cell with a tone of its own.
    #[must_use]
    pub fn toned(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    /// The text, escaped and cut like all [`shown`] text.
    pub(crate) fn text(&self) -> String {
        shown(&self.text)
    }

    /// The text with hidden characters escaped, cut after `longest` characters.
    pub(crate) fn cut(&self, longest: usize) -> String {
        escape(&self.text, longest)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::trusted(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::trusted(text)
    }
}

impl Tone {
    /// The CSS class.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Faint => "faint",
            Self::Good => "good",
            Self::Bad => "bad",
        }
    }

    /// [`Self::Bad`] if the condition holds, otherwise [`Self::Plain`].
    pub(crate) fn bad_if(condition: bool) -> Self {
        if condition { Self::Bad } else { Self::Plain }
    }
}

impl Align {
    /// The CSS class.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Left => "text",
            Self::Center => "mark",
            Self::Right => "number",
        }
    }
}
