//! The journal: every event of a run on disk, as it happens, one JSON object a line.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use crate::event::Event;
use crate::recorder::Sink;

/// Why a journal cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file cannot be opened, written or read.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A line is no event.
    #[error("{path}, line {line}: {source}")]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1 on.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// There is no event in it.
    #[error("{path}: no run is recorded here")]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// A journal being written.
///
/// Each event is one `write` to the file, so that whatever ends the process leaves all but the last line
/// whole. A disk that fills up stops the journal, not the run: [`Journal::error`] tells.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    error: Option<std::io::Error>,
}

impl Journal {
    /// Creates or empties the file, and the folders above it.
    ///
    /// # Errors
    /// If the file cannot be created.
    pub fn create(path: &Path) -> Result<Self, JournalError> {
        let failed = |source| JournalError::Io { path: path.to_owned(), source };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let file = File::create(path).map_err(failed)?;
        Ok(Self { path: path.to_owned(), file, error: None })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The error that stopped the writing, if one did.
    pub fn error(&self) -> Option<&std::io::Error> {
        self.error.as_ref()
    }
}

impl Sink for Journal {
    fn accept(&mut self, event: &Event) {
        if self.error.is_some() {
            return;
        }
        let written =
            serde_json::to_vec(event).map_err(std::io::Error::from).and_then(|mut line| {
                line.push(b'\n');
                self.file.write_all(&line)
            });
        self.error = written.err();
    }
}

/// Reads the events of a journal. A last line that was cut off is left out.
///
/// # Errors
/// If the file cannot be read, if a line before the last is no event, or if there is no event at all.
pub fn read(path: &Path) -> Result<Vec<Event>, JournalError> {
    let failed = |source| JournalError::Io { path: path.to_owned(), source };
    let mut reader = BufReader::new(File::open(path).map_err(failed)?);
    let mut events = Vec::new();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if reader.read_until(b'\n', &mut line).map_err(failed)? == 0 {
            break;
        }
        match serde_json::from_slice(&line) {
            Ok(event) => events.push(event),
            Err(_) if line.last() != Some(&b'\n') => break,
            Err(source) => {
                return Err(JournalError::Line { path: path.to_owned(), line: number, source });
            }
        }
    }
    if events.is_empty() {
        return Err(JournalError::Empty { path: path.to_owned() });
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{EventKind, RunEnd};

    fn event(seq: u64) -> Event {
        Event { seq, at: seq * 10, kind: EventKind::RunEnded(RunEnd::Completed) }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/run.jsonl");
        let mut journal = Journal::create(&path).unwrap();
        journal.accept(&event(0));
        journal.accept(&event(1));
        assert_eq!(read(&path).unwrap(), [event(0), event(1)]);
    }

    #[test]
    fn a_torn_last_line_is_left_out_and_a_torn_middle_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.jsonl");
        let whole = serde_json::to_string(&event(0)).unwrap();
        std::fs::write(&path, format!("{whole}\n{{\"seq\":1,\"at\"")).unwrap();
        assert_eq!(read(&path).unwrap(), [event(0)]);

        std::fs::write(&path, format!("{{\"seq\":1,\"at\"\n{whole}\n")).unwrap();
        let error = read(&path).unwrap_err();
        assert!(error.to_string().contains("line 1"), "{error}");
    }

    #[test]
    fn an_empty_file_is_no_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.jsonl");
        std::fs::write(&path, "").unwrap();
        assert!(matches!(read(&path), Err(JournalError::Empty { .. })));
    }
}
