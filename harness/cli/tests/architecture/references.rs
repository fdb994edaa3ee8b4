//! References to ambiguities and their readings, in comments, requirements, scenarios and documents.

use std::path::{Path, PathBuf};

use hearback_contract::{AmbiguityId, ReadingId};

use super::{members, root};

/// Extensions of files that refer to ambiguities.
const EXTENSIONS: [&str; 4] = ["rs", "toml", "yaml", "md"];

#[test]
fn every_ambiguity_and_reading_that_is_named_exists() {
    let folders = members().into_iter().chain(["docs".to_owned()]);
    let mut files: Vec<PathBuf> = folders.flat_map(|folder| files(&root().join(folder))).collect();
    // A crate may contain the folder of another.
    files.sort();
    files.dedup();
    files.retain(|file| !file.ends_with("architecture/references.rs"));
    let mut named = 0;
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for id in named_ambiguities(&unwrapped(&text)) {
            let is_known = match id.contains('=') {
                true => id.parse::<ReadingId>().is_ok(),
                false => id.parse::<AmbiguityId>().is_ok(),
            };
            assert!(is_known, "{}: unknown ambiguity or reading `{id}`", file.display());
            named += 1;
        }
    }
    assert!(named >= 12, "only {named} references were found");
}

#[test]
fn references_are_found_in_wrapped_comments() {
    let text = unwrapped(
        "/// See ambiguities `one`,\n    /// `two` and `three`. Also ambiguity\n/// `four`; `five`, reading `a=b`",
    );
    assert_eq!(named_ambiguities(&text), ["one", "two", "three", "four", "a=b"]);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|end| EXTENSIONS.iter().any(|known| end == *known)) {
            found.push(path);
        }
    }
    found
}

/// A text without line breaks and marks of comments.
fn unwrapped(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim_start_matches([' ', '/', '!', '#']));
    lines.collect::<Vec<_>>().join(" ")
}

/// The names in backticks that follow the word: "ambiguities `a`, `b` and `c`".
fn named_ambiguities(text: &str) -> Vec<&str> {
    let mut named = Vec::new();
    for word in ["mbiguity ", "mbiguities ", " reading ", " readings "] {
        for (at, _) in text.match_indices(word) {
            let mut rest = &text[at + word.len()..];
            while let Some((name, after)) =
                rest.strip_prefix('`').and_then(|rest| rest.split_once('`'))
            {
                named.push(name);
                let next = [", ", " and "].iter().find_map(|between| after.strip_prefix(between));
                rest = next.unwrap_or_default();
            }
        }
    }
    named.sort_by_key(|name| name.as_ptr());
    named
}
