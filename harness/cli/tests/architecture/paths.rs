//! Paths of files and folders in the documents, and links between them.

use std::path::{Path, PathBuf};

use super::root;

/// Folders at the root whose contents the documents name.
const FOLDERS: [&str; 10] = [
    "harness/",
    "schemas/",
    "scenarios/",
    "loadtests/",
    "reports/",
    "docs/",
    "packaging/",
    "examples/",
    ".ci/",
    ".github/",
];

#[test]
fn every_path_that_the_documents_name_exists() {
    let mut named = 0;
    for document in documents() {
        let text = std::fs::read_to_string(&document).unwrap();
        for path in named_paths(&text) {
            assert!(exists(&root(), path), "{}: `{path}` does not exist", document.display());
            named += 1;
        }
    }
    assert!(named >= 30, "only {named} paths were found");
}

#[test]
fn every_file_that_the_documents_link_to_exists() {
    let mut linked = 0;
    for document in documents() {
        let text = std::fs::read_to_string(&document).unwrap();
        for link in links(&text) {
            let exists = document.with_file_name(link).exists();
            assert!(exists, "{}: the link to {link} is broken", document.display());
            linked += 1;
        }
    }
    assert!(linked >= 60, "only {linked} links were found");
}

#[test]
fn the_book_has_every_page() {
    let docs = root().join("docs");
    let summary = std::fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let listed = links(&summary);
    for document in documents() {
        let Ok(page) = document.strip_prefix(&docs) else { continue };
        let is_listed = listed.iter().any(|link| Path::new(link) == page);
        assert!(
            is_listed || page == Path::new("SUMMARY.md"),
            "docs/SUMMARY.md does not list {}",
            page.display()
        );
    }
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

#[test]
fn only_links_to_files_are_followed() {
    let text = "[a](../a.md#b) [b](#b) and [c](https://example.com), [d](d/) `e](f)`";
    assert_eq!(links(text), ["../a.md", "d/"]);
}

/// The Markdown files of the folders that people browse.
fn documents() -> Vec<PathBuf> {
    let folders = ["", "docs", "docs/decisions", "docs/extending", "examples", ".github"]
        .map(|folder| root().join(folder));
    let entries = folders.into_iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|end| end == "md")).collect()
}

/// The targets of links to files, without their fragments.
fn links(text: &str) -> Vec<&str> {
    let prose = text.split('`').step_by(2);
    let targets = prose.flat_map(|text| text.split("](").skip(1)).filter_map(|rest| {
        let (target, _) = rest.split_once(')')?;
        target.split('#').next()
    });
    targets.filter(|target| !target.is_empty() && !target.contains("://")).collect()
}

/// The paths in backticks, without spaces.
pub(super) fn named_paths(text: &str) -> Vec<&str> {
    let lines = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    lines
        .filter(|code| FOLDERS.iter().any(|folder| code.starts_with(folder)) && !code.contains(' '))
        .collect()
}

/// Returns whether the part of the path before a placeholder exists.
fn exists(root: &Path, path: &str) -> bool {
    root.join(path.split('<').next().unwrap_or_default()).exists()
}
