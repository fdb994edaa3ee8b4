//! Showing text that a stranger wrote.

/// The first `limit` characters of `text`, with everything escaped that would act on a terminal.
pub fn excerpt(text: &str, limit: usize) -> String {
    let mut letters = text.chars();
    let mut shown = String::new();
    for letter in letters.by_ref().take(limit) {
        if acts_on_a_terminal(letter) {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    if letters.next().is_some() {
        shown.push('…');
    }
    shown
}

/// Control characters, and those that hide or reorder their neighbours.
fn acts_on_a_terminal(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_and_length_is_bounded() {
        assert_eq!(excerpt("a\u{1b}[2Jb\nc\u{202e}", 80), "a\\u{1b}[2Jb\\nc\\u{202e}");
        assert_eq!(excerpt("äöü", 2), "äö…");
        assert_eq!(excerpt("äöü", 3), "äöü");
    }
}
