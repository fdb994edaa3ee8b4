//! The architecture: the order of crates, imports between the files of each crate, references to the register and to
//! files, and code in the tutorials.

mod crates;
mod cycles;
mod imports;
mod paths;
mod references;
mod tutorials;

use std::path::{Path, PathBuf};

use toml::Table;

/// The folder of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn manifest(folder: &str) -> Table {
    let path = root().join(folder).join("Cargo.toml");
    std::fs::read_to_string(&path)
        .unwrap()
        .parse()
        .unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

/// Folders of the crates, in the order of `workspace.members`.
fn members() -> Vec<String> {
    let manifest = manifest(".");
    let members = manifest["workspace"]["members"].as_array().unwrap();
    members.iter().map(|member| member.as_str().unwrap().to_owned()).collect()
}
