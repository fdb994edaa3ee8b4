//! Paths in `hearback.toml` are relative to its folder.

use std::path::Path;

use clap::Arg;

use super::key::value_name;

/// Names of values that are paths.
const PATHS: [&str; 4] = ["FILE", "FOLDER", "PATH", "DIR"];

/// The value of an option as a path from the working directory, if it is one; `folder` is that of the file.
///
/// What a value is follows from its name in help: `FILE` is a path, `FORMAT=PATH` ends with one, and `NAME|FILE` is
/// one if the file exists.
pub(super) fn relocated(arg: &Arg, value: String, folder: &Path) -> String {
    let name = value_name(arg);
    let is_path = |name: &str| PATHS.contains(&name);
    let below = |path: &str| folder.join(path);
    if let Some((_, kind)) = name.split_once('=') {
        return match value.split_once('=') {
            Some((format, path)) if is_path(kind) && path != "-" => {
                format!("{format}={}", below(path).display())
            }
            _ => value,
        };
    }
    let alternatives: Vec<_> = name.split('|').collect();
    let moves = match alternatives[..] {
        [kind] => is_path(kind) && value != "-",
        _ => alternatives.into_iter().any(is_path) && below(&value).is_file(),
    };
    if moves { below(&value).display().to_string() } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_folder_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        std::fs::write(at.join("mine.toml"), "").unwrap();
        let moved = |name: &'static str, value: &str| {
            relocated(&Arg::new("x").value_name(name), value.to_owned(), at)
        };
        let below = |path: &str| at.join(path).display().to_string();
        assert_eq!(moved("FILE", "a/b"), below("a/b"));
        assert_eq!(moved("FILE", "/a/b"), "/a/b");
        assert_eq!(moved("FORMAT=PATH", "junit=a.xml"), format!("junit={}", below("a.xml")));
        assert_eq!(moved("FORMAT=PATH", "junit=-"), "junit=-");
        assert_eq!(moved("NAME|FILE", "mine.toml"), below("mine.toml"));
        assert_eq!(moved("NAME|FILE", "smoke"), "smoke");
        assert_eq!(moved("URL", "http://h"), "http://h");
    }
}
