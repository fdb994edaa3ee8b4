//! Previews of messages.

use unicode_normalization::UnicodeNormalization as _;

/// Returns whether a preview is the beginning of a content. White space may be folded, and the last character may be
/// incomplete.
pub(crate) fn is_beginning(preview: &str, content: &str) -> bool {
    // Composed and decomposed characters look the same.
    let composed = |text: &str| text.nfc().collect::<String>();
    begins(preview, content) || begins(&composed(preview), &composed(content))
}

fn begins(preview: &str, content: &str) -> bool {
    let whole = folded(content);
    let cut = folded(uncut(preview));
    let is_cut = || !cut.is_empty() && whole.starts_with(&cut);
    if whole.is_empty() { folded(preview).is_empty() } else { whole == folded(preview) || is_cut() }
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
