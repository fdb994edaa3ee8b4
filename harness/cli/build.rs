//! Passes the commit and the target to the binary, for `hearback --version`.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// Number of digits of a commit, enough to be unique.
const DIGITS: usize = 12;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=HEARBACK_COMMIT");
    let given = env::var("HEARBACK_COMMIT").ok().filter(|commit| !commit.is_empty());
    let commit = given.or_else(packaged).or_else(checked_out);
    let commit =
        commit.as_deref().map_or("unknown", |commit| commit.get(..DIGITS).unwrap_or(commit));
    println!("cargo::rustc-env=BUILD_COMMIT={commit}");
    println!("cargo::rustc-env=BUILD_TARGET={}", env::var("TARGET").expect("cargo sets TARGET"));
}

/// The commit that cargo stores in the package of a crate.
fn packaged() -> Option<String> {
    let text = fs::read_to_string(".cargo_vcs_info.json").ok()?;
    let (_, rest) = text.split_once(r#""sha1": ""#)?;
    rest.split('"').next().map(str::to_owned)
}

/// The commit of the working copy, if there is one and Git is installed.
fn checked_out() -> Option<String> {
    // Each commit and each checkout adds a line to this file.
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"])?;
    if Path::new(&log).exists() {
        println!("cargo::rerun-if-changed={log}");
    }
    git(&["rev-parse", "HEAD"])
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
