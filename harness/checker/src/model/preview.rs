//! Previews of messages.

/// Returns whether a preview is the beginning of a content. White space may be folded.
pub(crate) fn is_beginning(preview: &str, content: &str) -> bool {
    let folded = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let whole = folded(content);
    let cut = preview.trim_end_matches(['…', '.', ' ']);
    let is_cut = || !folded(cut).is_empty() && whole.starts_with(&folded(cut));
    if whole.is_empty() { folded(preview).is_empty() } else { whole == folded(preview) || is_cut() }
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
            ("t…", "été", false),
        ] {
            assert_eq!(is_beginning(preview, content), holds, "{preview:?} of {content:?}");
        }
    }
}
