//! The journal: the events of a run on disk, one JSON object per line.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use crate::event::{Event, EventKind};
use crate::recorder::Sink;
use crate::storage::JOURNAL_BYTES;

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
/// An error, such as a full disk or a journal of [`JOURNAL_BYTES`], stops the journal but not the run; see
/// [`Journal::error`].
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// Number of bytes written.
    length: u64,
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
        Ok(Self { path: path.to_owned(), file, length: 0, error: None })
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
                self.length += line.len() as u64;
                if self.length > JOURNAL_BYTES {
                    let limit = format!("it exceeds {} MiB", JOURNAL_BYTES >> 20);
                    return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, limit));
                }
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
    use hearback_contract::UserId;
    use proptest::prelude::*;

    use super::*;
    use crate::credential::{Credential, CredentialKind};
    use crate::names::{CallId, ConnectionId};
    use crate::nanoseconds::Nanoseconds;
    use crate::payload::Payload;
    use crate::run::{RunEnd, ScenarioEnd};

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

    /// Any event with arbitrary texts.
    fn any_kind() -> impl Strategy<Value = EventKind> {
        let text = "\\PC{0,20}|[\\x00-\\x1f\"\\\\]{0,5}";
        let bytes = prop::collection::vec(any::<u8>(), 0..40).prop_map(Payload::from_bytes);
        prop_oneof![
            (any::<u64>(), any::<u16>(), proptest::option::of(text), bytes.clone(), any::<bool>())
                .prop_map(|(call, status, content_type, body, truncated)| EventKind::Returned {
                    call: CallId(call),
                    status,
                    content_type,
                    headers: Vec::new(),
                    throttled_s: None,
                    body,
                    truncated,
                }),
            (any::<u64>(), bytes).prop_map(|(connection, frame)| EventKind::Received {
                connection: ConnectionId(connection),
                frame,
            }),
            (text, text, any::<i64>()).prop_map(|(actor, room, user)| EventKind::Connecting {
                connection: ConnectionId(user.unsigned_abs()),
                scenario: actor.as_str().into(),
                credential: Credential {
                    kind: CredentialKind::AlgNone,
                    owner: actor.as_str().into()
                },
                actor: actor.into(),
                room: room.into(),
            }),
            (text, proptest::option::of(any::<i64>()), proptest::option::of(text)).prop_map(
                |(actor, user, username)| EventKind::ActorKnown {
                    actor: actor.into(),
                    user_id: user.map(UserId::new),
                    username,
                }
            ),
            text.prop_map(|reason| EventKind::RunEnded(RunEnd::Aborted { reason })),
            text.prop_map(|reason| EventKind::ScenarioEnded {
                scenario: "a/b".into(),
                end: ScenarioEnd::Skipped { reason },
            }),
        ]
    }

    proptest! {
        #[test]
        fn any_cut_journal_is_read_up_to_the_cut(
            kinds in prop::collection::vec(any_kind(), 1..8),
            cut in any::<prop::sample::Index>(),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("run.jsonl");
            let mut journal = Journal::create(&path).unwrap();
            let events: Vec<_> = (0..)
                .zip(kinds)
                .map(|(seq, kind)| Event { seq, at: Nanoseconds::new(seq), kind })
                .collect();
            events.iter().for_each(|event| journal.accept(event));
            let text = std::fs::read(&path).unwrap();
            let cut = cut.index(text.len() + 1);
            std::fs::write(&path, &text[..cut]).unwrap();
            let mut complete = text[..cut].iter().filter(|byte| **byte == b'\n').count();
            // A last line without only its line break is complete.
            complete += usize::from(text.get(cut) == Some(&b'\n'));
            match read(&path) {
                Ok(read) => prop_assert_eq!(read, &events[..complete]),
                Err(JournalError::Empty { .. }) => prop_assert_eq!(complete, 0),
                Err(error) => prop_assert!(false, "{error}"),
            }
        }

        #[test]
        fn any_bytes_are_read_or_rejected(
            lines in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..6),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("run.jsonl");
            let event = serde_json::to_vec(&event(0)).unwrap();
            std::fs::write(&path, [&event[..], b"\n", &lines.join(&b'\n')].concat()).unwrap();
            match read(&path) {
                Ok(events) => prop_assert!(!events.is_empty()),
                Err(error) => prop_assert!(matches!(error, JournalError::Line { line: 2.., .. }), "{error}"),
            }
        }
    }
}
