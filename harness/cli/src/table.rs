//! Tables as text, Markdown and JSON.

use serde_json::{Map, Value};

/// Maximum width of an aligned column; longer columns are not aligned.
const WIDEST: usize = 40;

/// A table with a title.
pub(crate) struct Table {
    /// Title of the page.
    pub(crate) title: &'static str,
    /// Paragraph above the table.
    pub(crate) introduction: &'static str,
    /// Names of the columns.
    pub(crate) columns: &'static [&'static str],
    /// Rows, with a cell for each column.
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    /// Aligned columns.
    pub(crate) fn text(&self) -> String {
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|column| {
                self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)
            })
            .collect();
        let mut text = String::new();
        for row in &self.rows {
            let cells: Vec<_> = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell:width$}", width = (*width).min(WIDEST)))
                .collect();
            text.push_str(cells.join("  ").trim_end());
            text.push('\n');
        }
        text
    }

    /// A Markdown page.
    pub(crate) fn markdown(&self) -> String {
        let head = markdown_row(self.columns.iter().copied());
        let rule = markdown_row(self.columns.iter().map(|_| "---"));
        let rows: String = self.rows.iter().map(markdown_row).collect();
        format!(
            "# {}\n\n<!-- Generated from the registry; see CONTRIBUTING.md. -->\n\n{}\n\n{head}{rule}{rows}",
            self.title, self.introduction
        )
    }

    /// A JSON array with an object for each row.
    pub(crate) fn json(&self) -> Value {
        let row = |row: &Vec<String>| {
            let cells = self.columns.iter().zip(row);
            let cells = cells.map(|(name, cell)| ((*name).to_owned(), cell.as_str().into()));
            Value::Object(cells.collect::<Map<_, _>>())
        };
        self.rows.iter().map(row).collect()
    }
}

/// A row of a Markdown table.
pub(crate) fn markdown_row(cells: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let cells: Vec<_> = cells
        .into_iter()
        .map(|cell| cell.as_ref().replace('|', "\\|").replace('\n', " "))
        .collect();
    format!("| {} |\n", cells.join(" | "))
}
