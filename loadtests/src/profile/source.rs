//! Where profiles come from: the shipped ones, and files.

use std::path::Path;

use hearback_config::{Document, Excerpt, FileError};

use super::problem::ProfileError;
use super::{Profile, file, named};

impl Profile {
    /// Finds a profile by the name of a shipped one, or by the path of a file.
    ///
    /// # Errors
    /// If the profile does not exist or is invalid.
    pub fn find(name: &str) -> Result<Self, ProfileError> {
        let path = Path::new(name);
        if path.extension().is_none() && !path.exists() {
            let text = named(name)?;
            return Self::parse(name, &format!("{name}.toml"), text);
        }
        let text = std::fs::read_to_string(path).map_err(|cause| unreadable(path, cause))?;
        let stem = path.file_stem().map_or(name.into(), |stem| stem.to_string_lossy());
        Ok(file::parse(&stem, &Document::new(name, &text, Excerpt::Full), &text, path.parent())?)
    }

    /// Parses the text of a profile; errors refer to it as `file`, and files that it names are relative to the working
    /// directory.
    ///
    /// # Errors
    /// If the text is invalid.
    pub fn parse(name: &str, file: &str, text: &str) -> Result<Self, ProfileError> {
        let document = Document::new(file, text, Excerpt::Full);
        Ok(file::parse(name, &document, text, None)?)
    }
}

fn unreadable(path: &Path, cause: std::io::Error) -> FileError {
    FileError::unreadable("profile", path, cause)
        .with_help("pass the name of a shipped profile, or the path of a TOML file")
}
