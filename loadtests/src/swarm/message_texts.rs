//! The texts of messages after their tags.

use hearback_stats::MessageTag;

use crate::profile::{Sizes, Texts};

const WORDS: [&str; 8] = ["the", "lift", "on", "floor", "three", "is", "stuck", "again"];

/// The texts after the tags, in the form that they have inside a JSON string.
pub(super) enum MessageTexts {
    /// The beginning of a long text. The lengths are those of texts with their tags.
    Words { text: String, lengths: Sizes },
    /// One of some lines, after a space.
    Lines(Vec<String>),
}

impl MessageTexts {
    pub(super) fn new(texts: &Texts) -> Self {
        match texts {
            Texts::Words(lengths) => Self::Words {
                text: words(lengths.largest().saturating_sub(MessageTag::LENGTH)),
                lengths: *lengths,
            },
            Texts::Lines(lines) => {
                Self::Lines(lines.iter().map(|line| format!(" {line}")).collect())
            }
        }
    }

    /// The rest of the next text.
    pub(super) fn next(&self) -> &str {
        match self {
            Self::Words { text, lengths } => {
                let length = lengths.pick(fastrand::f64).saturating_sub(MessageTag::LENGTH);
                text.get(..length).unwrap_or(text)
            }
            Self::Lines(lines) => &lines[fastrand::usize(..lines.len())],
        }
    }
}

/// `length` bytes of text that compresses like natural text.
fn words(length: usize) -> String {
    let mut text = String::with_capacity(length + 8);
    let mut number = 0;
    while text.len() < length {
        text.push(' ');
        text.push_str(WORDS[number * 5 % 8]);
        number += 1;
    }
    text.truncate(length);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_the_lengths_that_were_asked_for() {
        let fixed = MessageTexts::new(&Texts::Words(Sizes::Fixed(100)));
        assert_eq!(fixed.next().len() + MessageTag::LENGTH, 100);
        let shortest = MessageTexts::new(&Texts::Words(Sizes::Fixed(MessageTag::LENGTH)));
        assert_eq!(shortest.next(), "");
        let between = MessageTexts::new(&Texts::Words(Sizes::Between(100, 1_000)));
        let lengths: Vec<_> =
            (0..1_000).map(|_| between.next().len() + MessageTag::LENGTH).collect();
        assert!(lengths.iter().all(|length| (100..=1_000).contains(length)));
        // Each doubling is equally likely, and the range is more than three of them.
        let short = lengths.iter().filter(|length| **length < 200).count();
        assert!((200..400).contains(&short), "{short}");
    }

    #[test]
    fn lines_follow_the_tag_after_a_space() {
        let lines = MessageTexts::new(&Texts::Lines(["one".to_owned(), "two".to_owned()].into()));
        let drawn: std::collections::BTreeSet<_> = (0..100).map(|_| lines.next()).collect();
        assert!(drawn.into_iter().eq([" one", " two"]));
    }
}
