//! The parts of a text that survive trimming, escaping and changes of case.

/// Minimum length of a distinctive word, in characters.
const DISTINCTIVE: usize = 8;

/// The letters and digits of a text in lower case, without character references such as `&amp;`.
pub(crate) fn letters(text: &str) -> String {
    let mut parts = text.split('&');
    let mut letters: String = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_name = |name: &str| {
            (1..=8).contains(&name.len())
                && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '#')
        };
        letters += match part.split_once(';') {
            Some((name, rest)) if is_name(name) => rest,
            _ => part,
        };
    }
    letters.retain(char::is_alphanumeric);
    letters.to_lowercase()
}

/// The words that are long and contain a digit, in lower case. hearback puts such a word, which it
/// uses nowhere else, into every text that it has to find again.
pub(crate) fn distinctive_words(text: &str) -> impl Iterator<Item = String> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| word.len() >= DISTINCTIVE && word.bytes().any(|it| it.is_ascii_digit()))
        .map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_survive_trimming_escaping_and_case() {
        let sent = "  <b>Bold</b> U7F3A9C01x2 ";
        for shown in ["<b>Bold</b> U7F3A9C01x2", "&lt;b&gt;bold&lt;/b&gt; u7f3a9c01x2"] {
            assert_eq!(letters(shown), letters(sent), "{shown}");
            assert!(distinctive_words(shown).eq(["u7f3a9c01x2".to_owned()]), "{shown}");
        }
        assert_ne!(letters("R&D; 5"), letters("R 6"));
        assert_eq!(distinctive_words("plain words, 1234567").count(), 0);
    }
}
