//! The profiles that are embedded in the binary.

use include_dir::{Dir, include_dir};
use miette::Diagnostic;

static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/profiles");

/// A name that is no shipped profile's.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("no profile is called `{name}`")]
#[diagnostic(help("there is {}; or give the path of a file", .names.join(", ")))]
pub struct UnknownProfile {
    name: String,
    names: Vec<String>,
}

/// The shipped profiles by name, with their texts.
pub fn files() -> Vec<(String, &'static str)> {
    let mut files: Vec<_> = FOLDER
        .files()
        .filter_map(|file| {
            let name = file.path().file_stem()?.to_string_lossy().into_owned();
            Some((name, file.contents_utf8()?))
        })
        .collect();
    files.sort_unstable();
    files
}

/// The text of a shipped profile.
///
/// # Errors
/// If there is none of that name; with all names.
pub fn named(name: &str) -> Result<&'static str, UnknownProfile> {
    let files = files();
    files.iter().find(|(known, _)| known == name).map(|(_, text)| *text).ok_or_else(|| {
        let names = files.into_iter().map(|(name, _)| name).collect();
        UnknownProfile { name: name.to_owned(), names }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;

    #[test]
    fn every_shipped_profile_is_one_with_service_levels() {
        assert!(files().len() >= 8);
        for (name, text) in files() {
            let profile =
                Profile::parse(&name, &name, text).unwrap_or_else(|error| panic!("{error:?}"));
            assert!(!profile.slos.is_empty(), "{name}");
            assert!(profile.slos.iter().any(|slo| slo.metric.id() == "lost"), "{name}");
            assert!(!profile.description.is_empty(), "{name}");
        }
    }
}
