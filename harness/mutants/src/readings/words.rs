//! Words and stems of texts, as search engines compare them.

/// The words of a text in lower case.
pub(super) fn words(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// A word without a common English ending.
pub(super) fn stem(word: &str) -> &str {
    const ENDINGS: [&str; 5] = ["ing", "ed", "es", "s", "ly"];
    let stems = ENDINGS.iter().filter_map(|ending| word.strip_suffix(ending));
    stems.into_iter().find(|stem| stem.chars().count() >= 3).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_where_letters_and_digits_do() {
        assert_eq!(words("Hello, WORLD_2! ü-x"), ["hello", "world", "2", "ü", "x"]);
        assert!(words("?!").is_empty());
    }

    #[test]
    fn stems_keep_three_letters() {
        assert_eq!(
            ["walks", "walked", "walking", "sing"].map(stem),
            ["walk", "walk", "walk", "sing"]
        );
    }
}
