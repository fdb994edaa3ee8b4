//! Reads the scenario files of the command line.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use hearback_scenarios::{Parsed, parse};

use crate::failure::Failure;

/// Reads files, and the `*.yaml` files in folders and below.
pub(super) fn read_all(paths: &[PathBuf]) -> Result<Vec<Parsed>, Failure> {
    let read = || -> anyhow::Result<Vec<Parsed>> {
        let mut files = Vec::new();
        for path in paths {
            if path.is_dir() {
                let before = files.len();
                collect(path, &mut files)?;
                ensure!(files.len() > before, "{} contains no *.yaml file", path.display());
            } else {
                files.push(path.clone());
            }
        }
        files.iter().map(|file| read_one(file)).collect()
    };
    read().map_err(Failure::usage)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let unreadable = || format!("cannot read {}", folder.display());
    let entries = std::fs::read_dir(folder).with_context(unreadable)?;
    let mut entries: Vec<PathBuf> = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<_>>()
        .with_context(unreadable)?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
    Ok(())
}

fn read_one(path: &Path) -> anyhow::Result<Parsed> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let file = path.to_string_lossy().replace('\\', "/");
    let name = file.trim_start_matches("./").trim_end_matches(".yaml");
    Ok(parse(name, &file, &text))
}
