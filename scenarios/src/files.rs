//! Files of scenarios in folders: reads, creates and exports them.

use std::path::{Path, PathBuf};

use crate::library;
use crate::parser::{Parsed, parse};

/// The reason for which files cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// A file or folder cannot be read.
    #[error("cannot read {}", .path.display())]
    Unreadable {
        /// Its path.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// A folder contains no scenarios.
    #[error("{} contains no *.yaml file", .0.display())]
    Empty(PathBuf),
    /// A file cannot be created.
    #[error("cannot write {}", .path.display())]
    Unwritable {
        /// Its path.
        path: PathBuf,
        /// The reason; an existing file is one.
        source: std::io::Error,
    },
}

/// Reads files, and the `*.yaml` files in folders and below.
///
/// # Errors
/// If a file cannot be read, or a folder has none. Invalid content is part of what is returned.
pub fn read_all(paths: &[PathBuf]) -> Result<Vec<Parsed>, FilesError> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = files.len();
            collect(path, &mut files)?;
            if files.len() == before {
                return Err(FilesError::Empty(path.clone()));
            }
        } else {
            files.push(path.clone());
        }
    }
    files.iter().map(|file| read_one(file)).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), FilesError> {
    let entries = std::fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut entries: Vec<PathBuf> = entries.map_err(|source| unreadable(folder, source))?;
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

fn read_one(path: &Path) -> Result<Parsed, FilesError> {
    let text = std::fs::read_to_string(path).map_err(|source| unreadable(path, source))?;
    let file = path.to_string_lossy().replace('\\', "/");
    let name = file.trim_start_matches("./").trim_end_matches(".yaml");
    Ok(parse(name, &file, &text))
}

/// Creates a scenario file from the template; returns its path.
///
/// # Errors
/// If the file exists or cannot be written.
pub fn create(name: &str) -> Result<PathBuf, FilesError> {
    let path = PathBuf::from(format!("{}.yaml", name.trim_end_matches(".yaml")));
    write_new(&path, library::TEMPLATE)?;
    Ok(path)
}

/// Writes the embedded files to a folder; returns their number.
///
/// # Errors
/// If a file exists or cannot be written.
pub fn export(folder: &Path) -> Result<usize, FilesError> {
    let mut count = 0;
    for (path, text) in library::files() {
        write_new(&folder.join(path), text)?;
        count += 1;
    }
    Ok(count)
}

/// Writes a file, and creates the folders above it.
fn write_new(path: &Path, text: &str) -> Result<(), FilesError> {
    let write = || -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = std::fs::File::create_new(path)?;
        std::io::Write::write_all(&mut file, text.as_bytes())
    };
    write().map_err(|source| FilesError::Unwritable { path: path.to_owned(), source })
}

fn unreadable(path: &Path, source: std::io::Error) -> FilesError {
    FilesError::Unreadable { path: path.to_owned(), source }
}
