//! The journal: the events of a run on disk, one JSON object per line.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use crate::event::{Event, EventKind};
use crate::recorder::Sink;

/// Error of writing or reading a journal.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file could not be opened, written or read.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Error of the operating system.
        source: std::io::Error,
    },
    /// A line is not an event.
    #[error("{path}, line {line}: not an event: {source}")]
    Line {
        /// The file.
        path: PathBuf,
        /// Number of the line, from 1.
        line: usize,
        /// Error of the parser.
        source: serde_json::Error,
    },
    /// Events before the last one are missing.
    #[error("{path}: {what} missing; a journal with gaps cannot be checked")]
    Missing {
        /// The file.
        path: PathBuf,
        /// The missing events, with a verb.
        what: String,
    },
    /// The file contains no events.
    #[error("{path}: the journal contains no events")]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// A journal that is being written.
///
/// Each event is one `write` to the file, so all lines but the last are complete however the process ends.
/// An error, such as a full disk, stops the journal but not the run; see [`Journal::error`].
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    error: Option<std::io::Error>,
}

impl Journal {
    /// Creates or truncates the file; creates missing parent directories.
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

    /// Path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Error that stopped the journal, if there was one.
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

/// Reads the events of a journal, except for an incomplete last line.
///
/// # Errors
/// If the file cannot be read, a complete line is not an event, or there are no events.
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

/// Checks that no event before the last one is missing.
///
/// # Errors
/// [`JournalError::Missing`] with the missing events.
pub fn check_complete(path: &Path, events: &[Event]) -> Result<(), JournalError> {
    let missing = |what| Err(JournalError::Missing { path: path.to_owned(), what });
    if !matches!(events.first(), Some(Event { kind: EventKind::RunStarted(_), .. })) {
        let what = match events.first() {
            Some(first) if first.seq > 0 => format!("the first {} events are", first.seq),
            _ => "the first event is".to_owned(),
        };
        return missing(what);
    }
    match events.windows(2).find(|pair| pair[1].seq != pair[0].seq + 1) {
        None => Ok(()),
        Some([before, after]) if after.seq > before.seq => {
            missing(format!("events {} to {} are", before.seq + 1, after.seq - 1))
        }
        Some(_) => missing("the order of events is".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nanoseconds::Nanoseconds;
    use crate::run::RunEnd;

    fn event(seq: u64) -> Event {
        Event { seq, at: Nanoseconds::new(seq * 10), kind: EventKind::RunEnded(RunEnd::Completed) }
    }

    #[test]
    fn written_events_are_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/run.jsonl");
        let mut journal = Journal::create(&path).unwrap();
        journal.accept(&event(0));
        journal.accept(&event(1));
        assert_eq!(read(&path).unwrap(), [event(0), event(1)]);
    }

    #[test]
    fn an_incomplete_line_is_an_error_unless_it_is_the_last() {
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
    fn missing_events_are_named() {
        let start = r#"{"seq": 0, "at": 0, "event": "run_started", "run": "r", "version": "0",
            "specification": "1", "target": "", "socket": "", "seed": 1, "started_at": "", "timeout_ms": 1}"#;
        let start = serde_json::from_str(start).unwrap();
        let events: Vec<_> = std::iter::once(start).chain((1..6).map(event)).collect();
        let error = |events: &[Event]| {
            check_complete(Path::new("run.jsonl"), events).err().map(|error| error.to_string())
        };
        assert_eq!(error(&events), None);
        assert_eq!(error(&events[..events.len() - 1]), None);
        let error = |events: &[Event]| error(events).unwrap();
        assert!(error(&events[3..]).contains("the first 3 events are missing"));
        let mut cut = events.clone();
        cut.drain(2..4);
        assert!(error(&cut).contains("events 2 to 3 are missing"), "{}", error(&cut));
    }

    #[test]
    fn an_empty_file_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.jsonl");
        std::fs::write(&path, "").unwrap();
        assert!(matches!(read(&path), Err(JournalError::Empty { .. })));
    }
}
