//! Content that is not stored as it was sent.

use super::{Behaviour, Faults};

/// What becomes of content on its way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mangling {
    /// White space at both ends is cut off.
    Trims,
    /// `&`, `<` and `>` become entities.
    EscapesMarkup,
    /// Characters beyond the Basic Multilingual Plane become question marks.
    LosesEmoji,
    /// Line breaks become spaces.
    FoldsLines,
    /// A content of 256 characters loses the last one.
    Loses256th,
    /// Nothing is kept from a line separator (U+2028) on.
    EndsAtLineSeparator,
}

impl Mangling {
    const ALL: [Self; 6] = [
        Self::Trims,
        Self::EscapesMarkup,
        Self::LosesEmoji,
        Self::FoldsLines,
        Self::Loses256th,
        Self::EndsAtLineSeparator,
    ];

    fn apply(self, content: &str) -> String {
        match self {
            Self::Trims => content.trim().to_owned(),
            Self::EscapesMarkup => {
                content.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
            }
            Self::LosesEmoji => content.replace(|letter: char| letter > '\u{ffff}', "?"),
            Self::FoldsLines => content.replace('\n', " "),
            Self::Loses256th if content.chars().count() == 256 => {
                content.chars().take(255).collect()
            }
            Self::Loses256th => content.to_owned(),
            Self::EndsAtLineSeparator => {
                content.split('\u{2028}').next().unwrap_or_default().to_owned()
            }
        }
    }
}

impl Faults {
    /// What is left of content.
    pub(crate) fn mangled(&self, content: String) -> String {
        let manglings = Mangling::ALL.into_iter();
        manglings
            .filter(|mangling| self.has(Behaviour::Mangles(*mangling)))
            .fold(content, |content, mangling| mangling.apply(&content))
    }
}
