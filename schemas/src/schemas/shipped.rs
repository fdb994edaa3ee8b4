//! The files of the shipped contract.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use serde_json::Value;

static FOLDERS: [(&str, Dir<'static>); 3] = [
    ("models", include_dir!("$CARGO_MANIFEST_DIR/models")),
    ("rest", include_dir!("$CARGO_MANIFEST_DIR/rest")),
    ("socket", include_dir!("$CARGO_MANIFEST_DIR/socket")),
];

/// The parsed files, by path.
static SHIPPED: LazyLock<BTreeMap<String, Value>> = LazyLock::new(|| {
    FOLDERS
        .iter()
        .flat_map(|(folder, directory)| {
            parsed_files(directory).map(move |(path, json)| (format!("{folder}/{path}"), json))
        })
        .collect()
});

/// The schemas of the shipped contract as JSON, by path.
pub fn shipped() -> &'static BTreeMap<String, Value> {
    &SHIPPED
}

/// The JSON files of an embedded folder and of its direct subfolders, by path.
pub(crate) fn parsed_files(
    directory: &'static Dir<'static>,
) -> impl Iterator<Item = (&'static str, Value)> {
    let nested = directory.dirs().flat_map(Dir::files);
    directory.files().chain(nested).map(|file| {
        let path = file.path().to_str().expect("file names are ASCII");
        let json = serde_json::from_slice(file.contents())
            .unwrap_or_else(|error| panic!("{path} is not JSON: {error}"));
        (path, json)
    })
}
