//! Tables in Markdown.

use super::{Align, Cell, Table};
use crate::markdown::code;

impl Table {
    /// The table in Markdown, without its title; only the first `limit` rows.
    pub fn markdown(&self, limit: usize) -> String {
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let rule = |align| match align {
            Align::Left => "---",
            Align::Center => ":-:",
            Align::Right => "---:",
        };
        let mut text = line(self.columns.iter().map(|column| escaped(column.name)).collect());
        text.push_str(&line(self.columns.iter().map(|it| rule(it.align).to_owned()).collect()));
        for row in self.rows.iter().take(limit) {
            text.push_str(&line(row.cells.iter().map(cell).collect()));
        }
        if self.rows.len() > limit {
            text.push_str(&format!("\n… and {} more\n", self.rows.len() - limit));
        }
        text
    }
}

fn cell(cell: &Cell) -> String {
    match cell.is_trusted {
        true => escaped(&cell.text),
        false if cell.text.is_empty() => String::new(),
        false => escaped(&code(&cell.text)),
    }
}

/// A bar or a line break would end the cell, even in a code span.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Row;

    fn table(cells: [Cell; 2]) -> Table {
        Table::new("Counts", &["name", "#count"], vec![Row::plain(cells); 3])
    }

    #[test]
    fn columns_are_aligned_by_the_rule() {
        let text = table(["a".into(), "1".into()]).markdown(2);
        assert_eq!(
            text,
            "| name | count |\n| --- | ---: |\n| a | 1 |\n| a | 1 |\n\n… and 1 more\n"
        );
    }

    #[test]
    fn cells_cannot_be_left() {
        let text = table([Cell::untrusted("a|b\nc"), "d|e\nf".into()]).markdown(1);
        assert!(text.contains("\n| `a\\|b\\nc` | d\\|e f |\n"), "{text}");
    }
}
