//! Tables as text with aligned columns.

use anstyle::Style as Ink;
use textwrap::core::display_width;

use super::{Align, Cell, Column, Row, Table, Tone};
use crate::page::{BAD, BOLD, FAINT, GOOD, PLAIN, Page};
use crate::style::Style;

/// The layout of a table in text.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// True if the title and the names of the columns are shown.
    pub has_heading: bool,
    /// Number of spaces before each line.
    pub indent: usize,
    /// Number of spaces between columns.
    pub gap: usize,
    /// Maximum width up to which the cells of a column are aligned.
    pub widest_column: usize,
    /// Maximum length of the text in a cell, in characters; longer texts are cut.
    pub longest_cell: usize,
}

impl Layout {
    /// For reports: with a heading, and no cell wider than 60 columns.
    pub const REPORT: Self =
        Self { has_heading: true, indent: 2, gap: 2, widest_column: usize::MAX, longest_cell: 60 };

    /// For lists that other programs read: no heading, and nothing is cut.
    pub const LIST: Self =
        Self { has_heading: false, indent: 0, gap: 2, widest_column: 40, longest_cell: usize::MAX };
}

impl Table {
    /// The table as text.
    pub fn text(&self, style: Style, layout: Layout) -> String {
        let mut page = Page::new(style);
        self.write(&mut page, layout);
        page.into_text()
    }

    /// Adds the table to a page.
    pub(crate) fn write(&self, page: &mut Page, layout: Layout) {
        let has_header = layout.has_heading && self.has_header();
        let widths: Vec<_> = (0..self.columns.len())
            .map(|index| {
                let cells = self.rows.iter().map(|row| row.cells[index].cut(layout.longest_cell));
                let width = cells.map(|cell| display_width(&cell)).max().unwrap_or_default();
                let header = if has_header { display_width(self.columns[index].name) } else { 0 };
                width.max(header).min(layout.widest_column)
            })
            .collect();
        if layout.has_heading {
            page.line(&[(BOLD, &self.title.to_uppercase())]);
        }
        if has_header {
            let names = self.columns.iter().map(|column| Cell::trusted(column.name));
            self.write_row(page, &Row::new(Tone::Faint, names), &widths, layout);
        }
        for row in &self.rows {
            self.write_row(page, row, &widths, layout);
        }
    }

    fn write_row(&self, page: &mut Page, row: &Row, widths: &[usize], layout: Layout) {
        let mut spans: Vec<(Ink, String)> = Vec::new();
        for ((column, cell), width) in self.columns.iter().zip(&row.cells).zip(widths) {
            let indent = if spans.is_empty() { layout.indent } else { layout.gap };
            let tone = if cell.tone == Tone::Plain { row.tone } else { cell.tone };
            let text = aligned(*column, &cell.cut(layout.longest_cell), *width);
            spans.push((ink(tone), format!("{}{text}", " ".repeat(indent))));
        }
        // The columns that are empty at the end of the row need no spaces.
        while let Some((_, text)) = spans.last_mut() {
            text.truncate(text.trim_end().len());
            if !text.is_empty() {
                break;
            }
            spans.pop();
        }
        let spans: Vec<_> = spans.iter().map(|(ink, text)| (*ink, text.as_str())).collect();
        page.line(&spans);
    }
}

fn aligned(column: Column, text: &str, width: usize) -> String {
    let padding = width.saturating_sub(display_width(text));
    let before = match column.align {
        Align::Left => 0,
        Align::Center => padding.div_ceil(2),
        Align::Right => padding,
    };
    format!("{}{text}{}", " ".repeat(before), " ".repeat(padding - before))
}

fn ink(tone: Tone) -> Ink {
    match tone {
        Tone::Plain => PLAIN,
        Tone::Faint => FAINT,
        Tone::Good => GOOD,
        Tone::Bad => BAD,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let rows = [("a", "1"), ("long", "1,234"), ("", "")];
        let rows = rows.map(|(name, count)| Row::plain([name.into(), count.into()]));
        Table::new("Counts", &["name", "#count"], rows.into())
    }

    #[test]
    fn columns_are_aligned_under_their_names() {
        let text = table().text(Style::default(), Layout::REPORT);
        assert_eq!(text, "COUNTS\n  name  count\n  a         1\n  long  1,234\n\n");
    }

    #[test]
    fn lists_have_no_heading() {
        let text = table().text(Style::default(), Layout::LIST);
        assert_eq!(text, "a         1\nlong  1,234\n\n");
    }

    #[test]
    fn wide_columns_are_not_aligned_in_lists_and_cut_in_reports() {
        let mut table = table();
        table.rows[0].cells[0] = "x".repeat(70).into();
        let list = table.text(Style::default(), Layout::LIST);
        assert!(list.starts_with(&format!("{}      1\n", "x".repeat(70))), "{list}");
        assert!(list.contains(&format!("\nlong{}  1,234\n", " ".repeat(36))), "{list}");
        let report = table.text(Style::default(), Layout::REPORT);
        assert!(report.contains(&format!("\n  {}…      1\n", "x".repeat(60))), "{report}");
    }

    #[test]
    fn cells_have_the_color_of_their_row_unless_they_have_their_own() {
        let cells = [Cell::trusted("a"), Cell::trusted("b").toned(Tone::Good)];
        let table = Table::new("", &["", ""], vec![Row::new(Tone::Bad, cells)]);
        let text = table.text(Style { color: true, ..Style::default() }, Layout::LIST);
        assert_eq!(text, "\x1b[1m\x1b[31ma\x1b[0m\x1b[32m  b\x1b[0m\n");
    }
}
