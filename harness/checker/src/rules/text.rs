//! Text that no server has a reason to refuse.

/// Text up to this many characters is nothing out of the ordinary.
pub(super) const ORDINARY_LENGTH: usize = 1_000;

/// Whether `text` says something (empty-content) without control characters but line breaks and tabs:
/// stores differ in which others they take.
pub(super) fn is_ordinary(text: &str) -> bool {
    !text.trim().is_empty() && is_storable(text)
}

/// Whether `text` has no control characters but line breaks and tabs: what becomes of others is a server's
/// own affair (control-characters).
pub(super) fn is_storable(text: &str) -> bool {
    let is_odd = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t');
    !text.contains(is_odd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_text_and_control_characters_are_out_of_the_ordinary() {
        for (text, expected) in [("a\nb\t", true), ("é🏖", true), (" \n", false), ("a\0", false)]
        {
            assert_eq!(is_ordinary(text), expected, "{text:?}");
        }
    }
}
