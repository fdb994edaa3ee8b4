//! Code in the tutorials: each line is in a file that the tutorial names.

use std::collections::HashSet;

use super::paths::named_paths;
use super::root;

#[test]
fn code_of_tutorials_is_in_the_files_that_they_name() {
    let mut found = 0;
    for entry in std::fs::read_dir(root().join("docs/extending")).unwrap() {
        let page = entry.unwrap().path();
        let text = std::fs::read_to_string(&page).unwrap();
        let files = named_paths(&text).into_iter().map(|path| root().join(path));
        let sources: Vec<String> = files
            .filter(|path| path.is_file())
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect();
        let lines = sources.iter().flat_map(|source| source.lines());
        let known: HashSet<&str> = lines.map(str::trim).collect();
        for line in code(&text) {
            assert!(known.contains(line), "{}: no named file has `{line}`", page.display());
            found += 1;
        }
    }
    assert!(found >= 80, "only {found} lines were found");
}

/// The lines of code in a page, without comments.
fn code(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut is_code = false;
    for line in text.lines().map(str::trim) {
        match line.strip_prefix("```") {
            Some(language) => is_code = ["rust", "toml", "yaml"].contains(&language),
            None if is_code && !line.is_empty() && !line.starts_with("// ") => lines.push(line),
            None => {}
        }
    }
    lines
}
