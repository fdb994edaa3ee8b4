//! The command line accepts the commands in the documentation.

use std::path::Path;

use super::command;

/// Beginnings of lines with a command of hearback.
const STARTS: [&str; 3] = ["hearback ", "cargo run -- ", "cargo run --release -- "];

/// Tokens that end the arguments of a command: comments, and operators of the shell.
const ENDS: [&str; 4] = [" #", " | ", " > ", " && "];

/// The commands in the shell blocks of a page.
fn commands(page: &str) -> Vec<Vec<String>> {
    let blocks = page.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let text = blocks.collect::<Vec<_>>().concat().replace("\\\n", " ");
    text.lines().filter_map(words).collect()
}

/// The words of a command, `hearback` first; `None` for other lines, and for abbreviated or quoted arguments.
fn words(line: &str) -> Option<Vec<String>> {
    let line = line.trim();
    let arguments = STARTS.iter().find_map(|start| line.strip_prefix(*start))?;
    let end = ENDS.iter().filter_map(|end| arguments.find(*end)).min();
    let arguments = &arguments[..end.unwrap_or(arguments.len())];
    if arguments.contains(['\'', '"', '…']) {
        return None;
    }
    let words = std::iter::once("hearback").chain(arguments.split_whitespace());
    Some(words.map(str::to_owned).collect())
}

#[test]
fn documented_commands_are_accepted() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = 0;
    for folder in ["", "docs", "docs/extending", "examples"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "md") {
                continue;
            }
            for words in commands(&std::fs::read_to_string(&path).unwrap()) {
                if let Err(error) = command().try_get_matches_from(&words) {
                    // Help and versions are printed as errors.
                    assert_eq!(error.exit_code(), 0, "{}: {words:?}: {error}", path.display());
                }
                found += 1;
            }
        }
    }
    assert!(found >= 80, "only {found} commands were found");
}
