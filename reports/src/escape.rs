//! Text that others wrote, made safe to show.

/// Longest expected, actual or reason that is shown, in characters; the JSON report has all of it.
pub const LONGEST_TEXT: usize = 600;

/// Longest line to reproduce that is shown, in characters: a command that was cut is of no use.
pub const LONGEST_COMMAND: usize = 4_000;

/// `text` on one line without anything that moves a cursor, colours, hides or reorders.
///
/// Such characters are shown as `\n`, `\r`, `\t` or `\u{…}`. What is longer than `longest` characters,
/// counted as shown, ends in an ellipsis. Shown text shown again stays the same.
pub fn shown(text: &str, longest: usize) -> String {
    let mut shown = String::with_capacity(text.len().min(longest));
    let mut length = 0;
    for letter in text.chars() {
        let before = shown.len();
        match letter {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            letter if is_hidden(letter) => shown.extend(letter.escape_unicode()),
            letter => shown.push(letter),
        }
        length += shown[before..].chars().count();
        if length > longest {
            shown.truncate(before);
            shown.push('…');
            break;
        }
    }
    shown
}

/// Whether a character acts on what is around it instead of being seen.
///
/// Joiners and variation selectors are not among them: emoji are made of these.
pub(crate) fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            // Bidirectional marks, embeddings, overrides and isolates.
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // Line and paragraph separators.
            | '\u{2028}' | '\u{2029}'
            // Without width or shape.
            | '\u{ad}' | '\u{200b}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
            // No characters at all; XML 1.0 forbids them.
            | '\u{fffe}' | '\u{ffff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_spelled_out() {
        assert_eq!(shown("a\x1b[31m\u{9b}\u{202e}b\r\n", 100), r"a\u{1b}[31m\u{9b}\u{202e}b\r\n");
        assert_eq!(shown("nul \0 del \x7f", 100), r"nul \u{0} del \u{7f}");
    }

    #[test]
    fn what_people_write_is_left_alone() {
        let text = "Grüße, שלום, 👩‍👩‍👧 ✌️, e\u{301}, <b>\"&'\\";
        assert_eq!(shown(text, 100), text);
    }

    #[test]
    fn long_text_is_cut_between_characters_as_shown() {
        assert_eq!(shown("abcd", 4), "abcd");
        assert_eq!(shown("abcde", 4), "abcd…");
        assert_eq!(shown("ab\u{202e}", 5), "ab…");
        assert_eq!(shown(&"\0".repeat(1_000), 600).chars().count(), 601);
    }

    #[test]
    fn showing_twice_changes_nothing() {
        let once = shown("\x1b]0;title\x07\t", 100);
        assert_eq!(shown(&once, 100), once);
    }
}
