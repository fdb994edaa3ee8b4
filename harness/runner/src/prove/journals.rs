//! Journals of the runs whose result is not as it should be.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

/// Maximum length of the readable part of a file name, in characters.
const LONGEST_NAME: usize = 80;

/// A folder in which to keep the journals of such runs, if any.
#[derive(Clone, Debug, Default)]
pub struct Journals(Option<PathBuf>);

impl Journals {
    /// Keeps them in a folder; nowhere without one.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self(folder)
    }

    /// The file for the journal of a run, named after its switches.
    pub(super) fn file(&self, run: &str) -> Option<PathBuf> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-=.".contains(c);
        let plain = |c| if is_plain(c) { c } else { '_' };
        let name: String = run.chars().take(LONGEST_NAME).map(plain).collect();
        let mut hasher = DefaultHasher::new();
        run.hash(&mut hasher);
        let distinct = hasher.finish() as u32;
        self.0.as_ref().map(|folder| folder.join(format!("{name}-{distinct:08x}.jsonl")))
    }
}

/// Removes the journal of a run that is as it should be.
pub(super) fn remove(journal: Option<&Path>) {
    // What is left over does no harm.
    journal.and_then(|file| std::fs::remove_file(file).ok());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_have_files_of_their_own_with_readable_names() {
        assert_eq!(Journals::default().file("latency=1s"), None);
        let journals = Journals::new(Some("kept".into()));
        let name = |run: &str| {
            let file = journals.file(run).unwrap();
            file.strip_prefix("kept").unwrap().to_str().unwrap().to_owned()
        };
        assert!(name("room/a + room/b").starts_with("room_a___room_b-"));
        let [one, other] = ["1", "2"].map(|end| name(&("x".repeat(200) + end)));
        assert!(one != other && one.len() < 100, "{one} {other}");
    }
}
