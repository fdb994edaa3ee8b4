//! The scenario files that are embedded in the binary.

use include_dir::{Dir, include_dir};

use crate::file;
use crate::scenario::Scenario;

static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR");

/// The embedded scenarios, by family and file.
///
/// # Panics
/// If an embedded file is not a scenario; a test reads them all.
pub fn embedded() -> Vec<Scenario> {
    let families = FOLDER.dirs().filter(|folder| !folder.path().ends_with("src"));
    let mut scenarios: Vec<_> = families
        .flat_map(|family| family.files())
        .filter(|file| file.path().extension().is_some_and(|extension| extension == "yaml"))
        .flat_map(|file| {
            let name = file.path().with_extension("").to_string_lossy().replace('\\', "/");
            let text = file.contents_utf8().unwrap_or_default();
            file::parse(&name, text).unwrap_or_else(|error| panic!("{error}"))
        })
        .collect();
    scenarios.sort_by(|left, right| left.name.cmp(&right.name));
    scenarios
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use hearback_contract::RequirementId;

    use super::*;

    #[test]
    fn every_requirement_is_spoken_to_by_a_scenario() {
        let spoken: HashSet<_> =
            embedded().into_iter().flat_map(|scenario| scenario.requirements).collect();
        let missing: Vec<_> = RequirementId::all().filter(|id| !spoken.contains(id)).collect();
        assert!(missing.is_empty(), "no scenario speaks to {missing:?}");
    }

    #[test]
    fn no_two_scenarios_say_the_same() {
        let mut titles = HashSet::new();
        for scenario in embedded() {
            let variant = scenario.name.as_str().split(':').nth(1).unwrap_or_default().to_owned();
            assert!(titles.insert((scenario.title.clone(), variant)), "{}", scenario.title);
            assert!(!scenario.steps.is_empty(), "{} does nothing", scenario.name);
            assert!(!scenario.requirements.is_empty(), "{} speaks to nothing", scenario.name);
        }
    }
}
