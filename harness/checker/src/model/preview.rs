//! Previews of messages.

use std::iter;

use unicode_normalization::UnicodeNormalization as _;

/// Returns whether a preview is the beginning of a content. White space may be folded, and the last character may be
/// incomplete. Stops at the first difference, since contents are long and most previews are of another one.
pub(crate) fn is_beginning(preview: &str, content: &str) -> bool {
    let (whole, shown, cut) =
        (characters(content), characters(preview), characters(uncut(preview)));
    // Composed and decomposed characters look the same.
    begins(&whole, &shown, &cut) || begins(&whole.nfc(), &shown.nfc(), &cut.nfc())
}

fn begins<T: Iterator<Item = char> + Clone>(whole: &T, shown: &T, cut: &T) -> bool {
    let is_empty = |text: &T| text.clone().next().is_none();
    let mut rest = whole.clone();
    let mut is_cut = || !is_empty(cut) && cut.clone().all(|letter| rest.next() == Some(letter));
    whole.clone().eq(shown.clone()) || !is_empty(whole) && is_cut()
}

/// The characters of a text with white space folded, and one space before each word.
fn characters(text: &str) -> impl Iterator<Item = char> + Clone {
    text.split_whitespace().flat_map(|word| iter::once(' ').chain(word.chars()))
}

/// A text with white space folded.
pub(crate) fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A preview without the marks at its end that show that it was cut.
pub(crate) fn uncut(preview: &str) -> &str {
    preview.trim_end_matches(['…', '.', ' ', '\u{fffd}'])
}

#[cfg(test)]
mod tests {
    use super::is_beginning;

    #[test]
    fn previews_are_beginnings() {
        for (preview, content, holds) in [
            ("wait...", "wait...", true),
            ("a b", "a\n\n b c", true),
            ("…", "a", false),
            ("", "a", false),
            ("", "  ", true),
            ("ab", "a", false),
            ("é…", "été", true),
            ("é…", "e\u{301}te\u{301}", true),
            ("a\u{fffd}\u{fffd}...", "aé", true),
            ("t…", "été", false),
        ] {
            assert_eq!(is_beginning(preview, content), holds, "{preview:?} of {content:?}");
        }
    }
}
