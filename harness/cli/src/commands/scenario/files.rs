//! The scenario files that are named on the command line.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use hearback_scenarios::{Parsed, read};

use crate::exit::Failure;

/// Reads the named files, and the `*.yaml` files in the named folders and below.
pub(super) fn read_all(named: &[PathBuf]) -> Result<Vec<Parsed>, Failure> {
    let mut paths = Vec::new();
    for path in named {
        if path.is_dir() {
            let before = paths.len();
            collect(path, &mut paths).map_err(Failure::usage)?;
            if paths.len() == before {
                let path = path.display();
                return Err(Failure::usage(anyhow::anyhow!(
                    "{path}: there is no *.yaml file in it"
                )));
            }
        } else {
            paths.push(path.clone());
        }
    }
    paths.iter().map(|path| read_one(path).map_err(Failure::usage)).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let unreadable = || format!("{} cannot be read", folder.display());
    let entries = std::fs::read_dir(folder).with_context(unreadable)?;
    let mut entries: Vec<PathBuf> = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<_>>()
        .with_context(unreadable)?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            paths.push(path);
        }
    }
    Ok(())
}

fn read_one(path: &Path) -> anyhow::Result<Parsed> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{} cannot be read", path.display()))?;
    let file = path.to_string_lossy().replace('\\', "/");
    let name = file.trim_start_matches("./").trim_end_matches(".yaml");
    Ok(read(name, &file, &text))
}
