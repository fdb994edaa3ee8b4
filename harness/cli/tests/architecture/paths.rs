//! Paths of files and folders in the documents.

use std::path::Path;

use super::root;

/// Folders at the root whose contents the documents name.
const FOLDERS: [&str; 6] =
    ["harness/", "schemas/", "scenarios/", "loadtests/", "reports/", "docs/"];

#[test]
fn every_path_that_the_documents_name_exists() {
    let mut named = 0;
    for folder in [root(), root().join("docs")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let document = entry.unwrap().path();
            if document.extension().is_none_or(|end| end != "md") {
                continue;
            }
            let text = std::fs::read_to_string(&document).unwrap();
            for path in named_paths(&text) {
                assert!(exists(&root(), path), "{}: `{path}` does not exist", document.display());
                named += 1;
            }
        }
    }
    assert!(named >= 30, "only {named} paths were found");
}

#[test]
fn only_quoted_paths_of_the_repository_are_named() {
    let text = "`docs/a.md`, harness/b and `cargo run`\n`schemas/<family>.toml` `reports/ c`";
    assert_eq!(named_paths(text), ["docs/a.md", "schemas/<family>.toml"]);
}

#[test]
fn placeholders_match_any_rest_of_a_path() {
    assert!(exists(&root(), "harness/checker/src/rules/<family>/<requirement>.rs"));
    assert!(!exists(&root(), "harness/checker/src/no-rules/<family>.rs"));
    assert!(!exists(&root(), "harness/nothing"));
}

/// The paths in backticks, without spaces.
fn named_paths(text: &str) -> Vec<&str> {
    let lines = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    lines
        .filter(|code| FOLDERS.iter().any(|folder| code.starts_with(folder)) && !code.contains(' '))
        .collect()
}

/// Returns whether the part of the path before a placeholder exists.
fn exists(root: &Path, path: &str) -> bool {
    root.join(path.split('<').next().unwrap_or_default()).exists()
}
