//! `--version`, `-V` and man pages.

use std::process::Command;

use crate::support::{run, stderr, stdout};

/// The commit that the build was given, or that of the working copy, if it is one.
fn commit() -> Option<String> {
    if let Ok(given) = std::env::var("HEARBACK_COMMIT") {
        return Some(given);
    }
    let output = Command::new("git").args(["rev-parse", "HEAD"]).output().ok()?;
    output.status.success().then(|| stdout(&output).trim().to_owned())
}

#[test]
fn the_long_version_identifies_the_build() {
    let folder = tempfile::tempdir().unwrap();
    let text = stdout(&run(folder.path(), &["--version"]));
    let lines: Vec<_> =
        text.lines().map(|line| line.split_once(": ").unwrap_or((line, ""))).collect();
    let names: Vec<_> = lines.iter().map(|(name, _)| *name).collect();
    let version = concat!("hearback ", env!("CARGO_PKG_VERSION"));
    assert_eq!(names, [version, "commit", "target", "features", "specification"]);
    if let Some(commit) = commit() {
        assert!(commit.starts_with(lines[1].1), "{commit}: {text}");
    }
    assert!(lines[2].1.contains(std::env::consts::ARCH), "{text}");
    assert_eq!(lines[4].1, "AriStay Chat API 1.0.0");
}

#[test]
fn the_short_version_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let text = stdout(&run(folder.path(), &["-V"]));
    assert_eq!(text, concat!("hearback ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn man_pages_that_cannot_be_written_are_an_error() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let output = run(folder.path(), &["man", "file/man1"]);
    assert_eq!(output.status.code(), Some(3));
    let error = stderr(&output);
    assert!(error.starts_with("error: cannot write man pages to file/man1: "), "{error}");
}
