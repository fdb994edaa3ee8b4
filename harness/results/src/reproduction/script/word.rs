//! Words of shell commands that contain values which only the script knows: captured ids, tokens and passwords.

use hearback_history::shell::quote;

/// Length of a run of one letter from which on it is written as a number.
const LONG_RUN: usize = 200;

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// Text, as it is.
    Text(String),
    /// Anything that a shell expands to one value, without the quotes around it.
    Expansion(String),
}

/// One word of a shell command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word(Vec<Part>);

impl Word {
    /// A word without values of the script.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self(vec![Part::Text(text.into())])
    }

    /// Replaces every occurrence of a text in the literal parts.
    pub(super) fn replace(self, from: &str, expansion: &str) -> Self {
        if from.is_empty() {
            return self;
        }
        let mut parts = Vec::new();
        for part in self.0 {
            let Part::Text(text) = part else {
                parts.push(part);
                continue;
            };
            for (index, piece) in text.split(from).enumerate() {
                if index > 0 {
                    parts.push(Part::Expansion(expansion.to_owned()));
                }
                if !piece.is_empty() {
                    parts.push(Part::Text(piece.to_owned()));
                }
            }
        }
        Self(parts)
    }

    /// Replaces the parts between two separators that are equal to a text.
    pub(super) fn replace_between(self, separator: char, from: &str, expansion: &str) -> Self {
        let (marked, mark) = (format!("{separator}{from}{separator}"), separator.to_string());
        let parts = self.0.into_iter().flat_map(|part| match part {
            Part::Text(text) if text.contains(&marked) => {
                let (before, after) = text.split_once(&marked).unwrap_or((&text, ""));
                vec![
                    Part::Text(format!("{before}{mark}")),
                    Part::Expansion(expansion.to_owned()),
                    Part::Text(format!("{mark}{after}")),
                ]
            }
            part => vec![part],
        });
        Self(parts.collect())
    }

    /// Replaces long runs of one letter or digit by a call of `repeat`.
    pub(super) fn with_short_runs(self) -> Self {
        let parts = self.0.into_iter().flat_map(|part| match part {
            Part::Text(text) => runs(&text),
            part @ Part::Expansion(_) => vec![part],
        });
        Self(parts.collect())
    }

    /// The word, quoted such that a shell expands nothing but the values of the script.
    pub(super) fn quoted(&self) -> String {
        if self.0.is_empty() {
            return quote("").into_owned();
        }
        let part = |part: &Part| match part {
            Part::Text(text) => quote(text).into_owned(),
            Part::Expansion(expansion) => format!("\"{expansion}\""),
        };
        self.0.iter().map(part).collect()
    }
}

/// The parts of a text, in which long runs are expansions.
fn runs(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let (mut taken, mut at) = (0, 0);
    for run in text.as_bytes().chunk_by(|one, other| one == other) {
        if run.len() >= LONG_RUN && run[0].is_ascii_alphanumeric() {
            if taken < at {
                parts.push(Part::Text(text[taken..at].to_owned()));
            }
            let letter = char::from(run[0]);
            parts.push(Part::Expansion(format!("$(repeat {} {letter})", run.len())));
            taken = at + run.len();
        }
        at += run.len();
    }
    if taken < text.len() {
        parts.push(Part::Text(text[taken..].to_owned()));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reproduction::testing::{HOSTILE, arguments};

    #[test]
    fn values_of_the_script_are_expanded_and_nothing_else() {
        let word = Word::text(format!("{HOSTILE}<id>{HOSTILE}")).replace("<id>", "$ALICE_TOKEN");
        let expected = format!("{HOSTILE}secret{HOSTILE}");
        assert_eq!(arguments(&format!("curl {}", word.quoted())), [expected]);
        assert_eq!(arguments(&format!("curl {}", Word::text("").quoted())), [""]);
        let long = format!("{HOSTILE}{}{HOSTILE}", "a".repeat(LONG_RUN));
        let words = Word::text(&long).with_short_runs().quoted();
        assert!(words.len() < long.len());
        assert_eq!(arguments(&format!("curl {words}")), [long]);
        let whole = Word::text("<id>").replace("<id>", "$ALICE_TOKEN");
        assert_eq!(whole.quoted(), "\"$ALICE_TOKEN\"");
    }
}
