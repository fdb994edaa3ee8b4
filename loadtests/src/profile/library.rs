//! The profiles that are embedded in the binary.

use hearback_contract::UnknownId;
use include_dir::{Dir, include_dir};

static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/profiles");

/// Names and texts of the shipped profiles, by name.
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
/// If no shipped profile has this name.
pub fn named(name: &str) -> Result<&'static str, UnknownId> {
    let files = files();
    files.iter().find(|(known, _)| known == name).map(|(_, text)| *text).ok_or_else(|| {
        UnknownId::new("profile", name, files.iter().map(|(known, _)| known.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;

    #[test]
    fn shipped_profiles_are_valid_and_have_service_levels() {
        assert!(files().len() >= 8);
        for (name, text) in files() {
            let profile =
                Profile::parse(&name, &name, text).unwrap_or_else(|error| panic!("{error:?}"));
            assert!(!profile.slos.is_empty(), "{name}");
            assert!(profile.slos.iter().any(|slo| slo.metric.id() == "lost"), "{name}");
            assert!(!profile.description.is_empty(), "{name}");
        }
    }

    #[test]
    fn unknown_names_suggest_neighbours() {
        let error = named("fanout").unwrap_err().to_string();
        assert_eq!(error, "unknown profile `fanout`; did you mean `fan-out`?");
    }
}
