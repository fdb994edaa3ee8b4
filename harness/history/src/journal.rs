//! The journal: every event of a run on disk, as it happens, one JSON object a line.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use crate::event::{Event, EventKind};
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
    /// Events are missing before the last one.
    #[error("{path}: {what} missing; what happened then decides what may be said of the rest")]
    Missing {
        /// The file.
        path: PathBuf,
        /// Which.
        what: String,
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

/// Whether nothing is missing before the last event: what a broken-off run did not come to may be.
///
/// # Errors
/// [`JournalError::Missing`] names what is.
pub fn whole(path: &Path, events: &[Event]) -> Result<(), JournalError> {
    let missing = |what| Err(JournalError::Missing { path: path.to_owned(), what });
    if !matches!(events.first(), Some(Event { kind: EventKind::RunStarted(_), .. })) {
        let what = match events.first() {
            Some(first) if first.seq > 0 => format!("its first {} events are", first.seq),
            _ => "its beginning is".to_owned(),
        };
        return missing(what);
    }
    match events.windows(2).find(|pair| pair[1].seq != pair[0].seq + 1) {
        None => Ok(()),
        Some([before, after]) if after.seq > before.seq => {
            missing(format!("events {} to {} are", before.seq + 1, after.seq - 1))
        }
        Some(_) => missing("the order of its events is".to_owned()),
    }
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
    fn what_is_missing_before_the_end_is_named() {
        let start = r#"{"seq": 0, "at": 0, "event": "run_started", "run": "r", "version": "0",
            "document": "1", "target": "", "socket": "", "seed": 1, "started_at": "", "timeout_ms": 1}"#;
        let start = serde_json::from_str(start).unwrap();
        let events: Vec<_> = std::iter::once(start).chain((1..6).map(event)).collect();
        let told = |events: &[Event]| {
            whole(Path::new("run.jsonl"), events).err().map(|error| error.to_string())
        };
        assert_eq!(told(&events), None);
        assert_eq!(told(&events[..events.len() - 1]), None);
        let told = |events: &[Event]| told(events).unwrap();
        assert!(told(&events[3..]).contains("its first 3 events are missing"));
        let mut cut = events.clone();
        cut.drain(2..4);
        assert!(told(&cut).contains("events 2 to 3 are missing"), "{}", told(&cut));
    }

    #[test]
    fn an_empty_file_is_no_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.jsonl");
        std::fs::write(&path, "").unwrap();
        assert!(matches!(read(&path), Err(JournalError::Empty { .. })));
    }
}
