//! The texts of the messages of a run.

use std::path::Path;

use hearback_stats::MessageTag;
use serde::{Deserialize, Serialize};

use super::sizes::Sizes;

/// Maximum length of the text of a message, in bytes.
pub(super) const LONGEST: usize = 16_384;
/// Maximum size of a file with texts, in bytes.
const LARGEST_FILE: u64 = 4 << 20;

/// The texts of the messages of a run, besides their tags.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Texts {
    /// English words. The length of a text is drawn for each message, in bytes and with its tag.
    Words(Sizes),
    /// One of some lines, drawn for each message, in the form that they have inside a JSON string.
    Lines(Vec<String>),
}

impl Default for Texts {
    fn default() -> Self {
        Self::Words(Sizes::Fixed(100))
    }
}

impl Texts {
    /// Reads the lines of a file that are not blank.
    ///
    /// # Errors
    /// If the file cannot be read, is too large, has a line that is too long, or no line.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let size = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
        if size > LARGEST_FILE {
            return Err(format!("it is larger than {} MiB", LARGEST_FILE >> 20));
        }
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let escaped = lines.map(|(number, line)| match in_json(line) {
            line if line.len() + MessageTag::LENGTH < LONGEST => Ok(line),
            _ => Err(format!("line {} is too long", number + 1)),
        });
        let lines = escaped.collect::<Result<Vec<_>, _>>()?;
        match lines.is_empty() {
            true => Err("it has no text".to_owned()),
            false => Ok(Self::Lines(lines)),
        }
    }
}

/// A text as it stands inside a JSON string.
fn in_json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Texts, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("texts.txt");
        std::fs::write(&path, text).unwrap();
        Texts::read(&path)
    }

    #[test]
    fn texts_are_the_lines_that_are_not_blank() {
        let lines =
            ["Lift 3 is stuck".to_owned(), r#"\"OK\" \u0007 \u00fc"#.replace("\\u00fc", "ü")];
        let texts = read("Lift 3 is stuck\n\n  \n\"OK\" \u{7} ü\n").unwrap();
        assert_eq!(texts, Texts::Lines(lines.into()));
    }

    #[test]
    fn files_without_usable_texts_are_refused() {
        assert_eq!(read("\n \n"), Err("it has no text".to_owned()));
        let long = format!("short\n{}", "x".repeat(LONGEST));
        assert_eq!(read(&long), Err("line 2 is too long".to_owned()));
        assert!(Texts::read(Path::new("nowhere.txt")).is_err());
    }
}
