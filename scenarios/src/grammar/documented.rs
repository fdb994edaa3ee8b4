//! The documentation names every word of the language.

use hearback_history::Probe;

use super::{
    ACTIONS, CONTROLS, CREDENTIALS, FILE, FILE_SOURCE, HANDSHAKE, MATCHERS, METHODS, RESPONSE,
    ROOMS, VARIANT, step_keys,
};
use crate::{characters, scope};

/// The pages about the language.
const PAGES: [&str; 2] = [
    include_str!("../../../docs/scenario-language.md"),
    include_str!("../../../docs/scenario-values.md"),
];

/// The words of the language, without operations and events, which are those of the specification.
fn words() -> Vec<&'static str> {
    let mut words: Vec<&'static str> = Vec::new();
    for keys in [FILE, VARIANT, FILE_SOURCE] {
        words.extend(keys.iter().map(|key| key.name));
    }
    words.extend(step_keys().iter().map(|key| key.name));
    for actions in [CONTROLS, ACTIONS] {
        words.extend(actions.iter().map(|action| action.name));
    }
    words.extend(MATCHERS.iter().map(|matcher| matcher.name));
    words.extend(Probe::ALL.iter().map(|probe| probe.as_str()));
    for names in [CREDENTIALS, METHODS, ROOMS, RESPONSE, HANDSHAKE] {
        words.extend(names.iter().copied());
    }
    words.extend(characters::KINDS.iter().copied());
    words.extend(scope::VARIABLES.iter().copied());
    words
}

/// Returns whether a page names a word: in backticks, or as a placeholder.
fn is_documented(word: &str) -> bool {
    let forms = [format!("`{word}`"), format!("`{{{word}}}`"), format!("`{{{word}.")];
    PAGES.iter().any(|page| forms.iter().any(|form| page.contains(form.as_str())))
}

#[test]
fn every_word_is_documented() {
    let words = words();
    assert!(words.len() >= 100, "only {} words were found", words.len());
    let missing: Vec<&str> = words.into_iter().filter(|word| !is_documented(word)).collect();
    assert!(missing.is_empty(), "the documentation of the scenario language lacks {missing:?}");
}
