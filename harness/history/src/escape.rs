//! Escaping of text that the target or a user wrote, so that it is safe to show.

/// `text` on one line, without characters that move the cursor, color, hide or reorder what is shown.
///
/// Such characters are written as `\n`, `\r`, `\t` or `\u{…}`. Text of more than `longest` characters, counted
/// after escaping, is cut and ends in an ellipsis. Escaping escaped text changes nothing.
pub fn escape(text: &str, longest: usize) -> String {
    let mut escaped = String::with_capacity(text.len().min(longest));
    let mut length = 0;
    for character in text.chars() {
        let before = escaped.len();
        match character {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            character if is_hidden(character) => escaped.extend(character.escape_unicode()),
            character => escaped.push(character),
        }
        length += escaped[before..].chars().count();
        if length > longest {
            escaped.truncate(before);
            escaped.push('…');
            break;
        }
    }
    escaped
}

/// Returns whether a character is invisible or changes how its neighbors are shown.
///
/// Joiners (U+200C, U+200D) and variation selectors are not among them: emoji and several scripts need them.
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || HIDDEN
            .binary_search_by(|(first, last)| {
                if *last < character {
                    std::cmp::Ordering::Less
                } else if *first > character {
                    std::cmp::Ordering::Greater
                } else {
                    std::cmp::Ordering::Equal
                }
            })
            .is_ok()
}

/// Ranges of hidden characters besides the control characters (Unicode category Cc), in order.
const HIDDEN: [(char, char); 17] = [
    // Soft hyphen.
    ('\u{ad}', '\u{ad}'),
    // Arabic letter mark, which sets the direction.
    ('\u{61c}', '\u{61c}'),
    // Hangul fillers.
    ('\u{115f}', '\u{1160}'),
    // Khmer inherent vowels, which have no shape.
    ('\u{17b4}', '\u{17b5}'),
    // Mongolian vowel separator.
    ('\u{180e}', '\u{180e}'),
    // Zero-width space.
    ('\u{200b}', '\u{200b}'),
    // Directional marks.
    ('\u{200e}', '\u{200f}'),
    // Line and paragraph separators, directional embeddings and overrides.
    ('\u{2028}', '\u{202e}'),
    // Word joiner, invisible operators, directional isolates, deprecated format characters.
    ('\u{2060}', '\u{206f}'),
    // Hangul filler.
    ('\u{3164}', '\u{3164}'),
    // Byte order mark.
    ('\u{feff}', '\u{feff}'),
    // Halfwidth Hangul filler.
    ('\u{ffa0}', '\u{ffa0}'),
    // Unassigned, to be ignored, and interlinear annotations.
    ('\u{fff0}', '\u{fffb}'),
    // Noncharacters, which XML 1.0 forbids.
    ('\u{fffe}', '\u{ffff}'),
    // Musical format characters.
    ('\u{1d173}', '\u{1d17a}'),
    // Tags and unassigned characters to be ignored, before and after the variation selectors.
    ('\u{e0000}', '\u{e00ff}'),
    ('\u{e01f0}', '\u{e0fff}'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(escape("a\x1b[31m\u{9b}\u{202e}b\r\n", 100), r"a\u{1b}[31m\u{9b}\u{202e}b\r\n");
        assert_eq!(escape("nul \0 del \x7f", 100), r"nul \u{0} del \u{7f}");
    }

    #[test]
    fn every_hidden_character_is_escaped() {
        let listed = [
            0x00..=0x1f,
            0x7f..=0x9f,
            0xad..=0xad,
            0x61c..=0x61c,
            0x115f..=0x1160,
            0x17b4..=0x17b5,
            0x180e..=0x180e,
            0x200b..=0x200b,
            0x200e..=0x200f,
            0x2028..=0x202e,
            0x2060..=0x206f,
            0x3164..=0x3164,
            0xfeff..=0xfeff,
            0xffa0..=0xffa0,
            0xfff0..=0xfffb,
            0xfffe..=0xffff,
            0x1d173..=0x1d17a,
            0xe0000..=0xe00ff,
            0xe01f0..=0xe0fff,
        ];
        for number in 0..=u32::from(char::MAX) {
            let Some(character) = char::from_u32(number) else { continue };
            let is_listed =
                listed.iter().any(|range: &std::ops::RangeInclusive<u32>| range.contains(&number));
            assert_eq!(is_hidden(character), is_listed, "U+{number:04X}");
            let escaped = escape(&character.to_string(), 100);
            assert_eq!(escaped.starts_with('\\') && escaped.len() > 1, is_listed, "U+{number:04X}");
        }
    }

    #[test]
    fn ordinary_text_is_unchanged() {
        let text = "Grüße, שלום, 👩‍👩‍👧 ✌️, e\u{301}, <b>\"&'\\";
        assert_eq!(escape(text, 100), text);
    }

    #[test]
    fn long_text_is_cut_between_escaped_characters() {
        assert_eq!(escape("abcd", 4), "abcd");
        assert_eq!(escape("äbcde", 4), "äbcd…");
        assert_eq!(escape("ab\u{202e}", 5), "ab…");
        assert_eq!(escape(&"\0".repeat(1_000), 600).chars().count(), 601);
    }

    #[test]
    fn escaping_twice_changes_nothing() {
        let once = escape("\x1b]0;title\x07\t", 100);
        assert_eq!(escape(&once, 100), once);
    }
}
