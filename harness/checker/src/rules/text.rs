//! Text that no server has a reason to reject.

/// Longest text, in characters, that every server has to accept.
pub(super) const ORDINARY_LENGTH: usize = 1_000;

/// Returns whether every server has to accept `text`: it is not blank (empty-content), and it is
/// storable.
pub(crate) fn is_ordinary(text: &str) -> bool {
    !text.trim().is_empty() && is_storable(text)
}

/// Returns whether `text` contains no control characters other than line breaks and tabs. Stores
/// differ in which others they accept (control-characters).
pub(crate) fn is_storable(text: &str) -> bool {
    !text.contains(is_odd)
}

/// Returns whether a character is a control character other than a line break or a tab.
pub(crate) fn is_odd(letter: char) -> bool {
    letter.is_control() && !matches!(letter, '\n' | '\r' | '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_text_and_control_characters_are_not_ordinary() {
        for (text, expected) in [("a\nb\t", true), ("é🏖", true), (" \n", false), ("a\0", false)]
        {
            assert_eq!(is_ordinary(text), expected, "{text:?}");
        }
    }
}
