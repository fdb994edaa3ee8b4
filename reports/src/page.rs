//! Lines of text, wrapped and optionally colored.

use anstyle::{AnsiColor, Style as Ink};
use textwrap::{Options, WordSeparator, WordSplitter};

use crate::style::Style;
use hearback_history::escape::escape;

/// No color.
pub(crate) const PLAIN: Ink = Ink::new();
/// For headings and ids.
pub(crate) const BOLD: Ink = Ink::new().bold();
/// For labels and secondary text.
pub(crate) const FAINT: Ink = Ink::new().dimmed();
/// For requirements that are held.
pub(crate) const GOOD: Ink = AnsiColor::Green.on_default();
/// For requirements that are broken.
pub(crate) const BAD: Ink = AnsiColor::Red.on_default().bold();
/// For undecided requirements and incomplete runs.
pub(crate) const UNSURE: Ink = AnsiColor::Yellow.on_default();

/// Minimum width, below which labels leave no room for text.
const LEAST_WIDTH: usize = 40;

/// Text under construction. Everything except the color codes is escaped.
pub(crate) struct Page {
    text: String,
    style: Style,
}

impl Page {
    pub(crate) fn new(style: Style) -> Self {
        Self { text: String::new(), style: Style { width: style.width.max(LEAST_WIDTH), ..style } }
    }

    /// The finished text.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    pub(crate) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// Adds spans to the current line, without wrapping.
    pub(crate) fn spans(&mut self, spans: &[(Ink, &str)]) {
        for (ink, text) in spans {
            self.paint(*ink, &escape(text, usize::MAX));
        }
    }

    /// Adds a line of spans, without wrapping.
    pub(crate) fn line(&mut self, spans: &[(Ink, &str)]) {
        self.spans(spans);
        self.blank();
    }

    /// Adds a label and text, which is wrapped and indented by the width of the label.
    pub(crate) fn paragraph(&mut self, label: (Ink, &str), (ink, text): (Ink, &str)) {
        let (label_ink, label) = label;
        let indent = " ".repeat(textwrap::core::display_width(label));
        let options = Options::new(self.style.width)
            .initial_indent(&indent)
            .subsequent_indent(&indent)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation);
        let text = escape(text, usize::MAX);
        for (index, line) in textwrap::wrap(&text, options).iter().enumerate() {
            let line = line.get(indent.len()..).unwrap_or_default();
            self.paint(label_ink, if index == 0 { label } else { &indent });
            self.paint(ink, line);
            self.blank();
        }
    }

    fn paint(&mut self, ink: Ink, text: &str) {
        if self.style.color && ink != PLAIN && !text.trim().is_empty() {
            self.text.push_str(&format!("{ink}{text}{ink:#}"));
        } else {
            self.text.push_str(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(color: bool) -> Page {
        Page::new(Style { color, width: 40, verbose: false })
    }

    #[test]
    fn wrapped_text_is_indented_by_its_label() {
        let mut page = page(false);
        page.paragraph((FAINT, "  actual  "), (PLAIN, &"word ".repeat(10)));
        let text = page.into_text();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "  actual  word word word word word word");
        assert_eq!(lines[1], "          word word word word");
        assert_eq!(lines.len(), 2);
    }

    #[test]
    fn wide_characters_take_two_columns() {
        let mut page = page(false);
        page.paragraph((PLAIN, ""), (PLAIN, &"漢字 ".repeat(10)));
        assert_eq!(page.into_text().lines().next().unwrap().chars().count(), 23);
    }

    #[test]
    fn text_is_colored_only_on_request() {
        for (color, expected) in [(false, "a\\u{1b}b\n"), (true, "\x1b[32ma\\u{1b}b\x1b[0m\n")] {
            let mut page = page(color);
            page.line(&[(GOOD, "a\x1bb")]);
            assert_eq!(page.into_text(), expected);
        }
    }
}
