//! The rooms that a run left behind, from its journal.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use hearback_client::UnansweredCreation;
use hearback_contract::{Operation, RoomId};
use hearback_history::{
    CallId, Event, EventKind, JournalError, Payload, RoomCreation, RunStart, TargetOptions,
};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::error::RunError;

/// Parts of the lines with events that are about rooms. Other lines are not parsed: a journal is large.
const ABOUT_ROOMS: [&str; 7] = [
    "\"event\":\"run_started\"",
    "\"event\":\"room_created\"",
    "\"event\":\"room_archived\"",
    "\"event\":\"cleaned_up\"",
    "\"operation\":\"rooms.create\"",
    "\"event\":\"returned\"",
    "\"event\":\"failed\"",
];

/// The rooms that a run created, as far as they may still be active.
#[derive(Debug)]
pub(crate) struct LeftRooms {
    /// The journal.
    pub(crate) path: PathBuf,
    /// The first event.
    pub(crate) start: RunStart,
    /// Rooms that the run demonstrably created.
    pub(crate) rooms: Vec<RoomCreation>,
    /// Creations without a response that says whether there is a room.
    pub(crate) unanswered: Vec<UnansweredCreation>,
}

/// Rooms that were cleaned up after the run, in a file beside its journal.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Cleaned {
    rooms: Vec<RoomId>,
    /// True if every unanswered creation was resolved.
    #[serde(default)]
    resolved: bool,
}

/// An event of which only the call is of interest.
#[derive(Deserialize)]
struct Ended {
    call: CallId,
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    maybe_done: bool,
}

impl LeftRooms {
    /// Reads a journal, and the file with what was cleaned up since; `None` if nothing can be left.
    ///
    /// # Errors
    /// If the journal cannot be read, or has no beginning.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, RunError> {
        let failed = |source| {
            RunError::JournalUnreadable(JournalError::Io { path: path.to_owned(), source })
        };
        let mut reader = BufReader::new(File::open(path).map_err(failed)?);
        let mut left = Unfinished::default();
        let mut line = String::new();
        while reader.read_line(&mut line).map_err(failed)? > 0 {
            left.add(&line);
            line.clear();
        }
        let Some(start) = left.start else {
            return Err(RunError::JournalUnreadable(JournalError::Empty { path: path.to_owned() }));
        };
        let cleaned = cleaned(path);
        let is_left = |room: &RoomCreation| !cleaned.rooms.contains(&room.id);
        let rooms: Vec<_> = left.rooms.into_values().filter(is_left).collect();
        let unanswered = if cleaned.resolved { Vec::new() } else { left.unanswered };
        let is_embedded = matches!(start.target_options, Some(TargetOptions::Embedded { .. }));
        if is_embedded || rooms.is_empty() && unanswered.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self { path: path.to_owned(), start, rooms, unanswered }))
    }

    /// Remembers which rooms are not active any more, so that they are not read again.
    ///
    /// # Errors
    /// If the file beside the journal cannot be written.
    pub(crate) fn save(&self, rooms: Vec<RoomId>, resolved: bool) -> std::io::Result<()> {
        let mut cleaned = cleaned(&self.path);
        cleaned.rooms.extend(rooms);
        cleaned.resolved |= resolved;
        std::fs::write(cleaned_path(&self.path), serde_json::to_string(&cleaned)?)
    }
}

fn cleaned_path(journal: &Path) -> PathBuf {
    journal.with_extension("cleaned.json")
}

fn cleaned(journal: &Path) -> Cleaned {
    let text = std::fs::read_to_string(cleaned_path(journal)).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// The rooms according to the events so far.
#[derive(Default)]
struct Unfinished {
    start: Option<RunStart>,
    rooms: IndexMap<RoomId, RoomCreation>,
    unanswered: Vec<UnansweredCreation>,
    /// Creations in progress.
    pending: HashMap<CallId, UnansweredCreation>,
}

impl Unfinished {
    fn add(&mut self, line: &str) {
        if !ABOUT_ROOMS.iter().any(|part| line.contains(part)) {
            return;
        }
        if line.contains("\"event\":\"returned\"") || line.contains("\"event\":\"failed\"") {
            self.end(line);
            return;
        }
        // The last line may be incomplete.
        let Ok(event) = serde_json::from_str::<Event>(line) else { return };
        match event.kind {
            EventKind::RunStarted(start) => self.start = Some(*start),
            EventKind::Invoked(invocation)
                if invocation.operation == Some(Operation::RoomsCreate) =>
            {
                let creation = UnansweredCreation {
                    request: invocation.body.as_ref().and_then(Payload::to_json),
                    creator: invocation.actor.clone(),
                    scenario: invocation.scenario.clone(),
                };
                self.unanswered.push(creation.clone());
                self.pending.insert(invocation.call, creation);
            }
            EventKind::RoomCreated(room) => {
                self.rooms.insert(room.id.clone(), *room);
            }
            EventKind::RoomArchived { room } => {
                self.rooms.shift_remove(&room);
            }
            EventKind::CleanedUp { left } => {
                let is_left = |id: &RoomId| left.iter().any(|room| room.id.as_ref() == Some(id));
                self.rooms.retain(|id, _| is_left(id));
                let is_left = |it: &UnansweredCreation| {
                    left.iter().any(|room| {
                        room.id.is_none()
                            && room.creator == it.creator
                            && room.name.as_deref() == it.name()
                    })
                };
                self.unanswered.retain(is_left);
            }
            _ => {}
        }
    }

    /// A call ended: a creation with a response that says whether there is a room needs no search.
    fn end(&mut self, line: &str) {
        if self.pending.is_empty() {
            return;
        }
        let Ok(ended) = serde_json::from_str::<Ended>(line) else { return };
        let Some(creation) = self.pending.remove(&ended.call) else { return };
        let is_answered = match ended.status {
            Some(status) => status < 500,
            None => !ended.maybe_done,
        };
        if is_answered && let Some(index) = self.unanswered.iter().position(|it| *it == creation) {
            self.unanswered.remove(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: &str = r#"{"seq":0,"at":0,"event":"run_started","run":"a1b2c3","version":"0","specification":"1","target":"http://h/api","socket":"ws://h/ws","seed":1,"started_at":"2026-01-02T12:00:00Z","timeout_ms":1}"#;

    fn created(id: &str) -> String {
        format!(
            r#"{{"seq":1,"at":1,"event":"room_created","id":"{id}","name":"n","creator":"alice","scenario":"s"}}"#
        )
    }

    fn invoked(call: u64, name: &str) -> String {
        format!(
            r#"{{"seq":1,"at":1,"event":"invoked","call":{call},"scenario":"s","actor":"alice","operation":"rooms.create","credential":{{"kind":"access","owner":"alice"}},"method":"POST","path":"/chat/rooms/","body":{{"text":"{{\"name\":\"{name}\"}}"}}}}"#
        )
    }

    fn read(lines: &[String]) -> (Vec<String>, usize) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.jsonl");
        std::fs::write(&path, format!("{START}\n{}\n{{\"seq\":9,", lines.join("\n"))).unwrap();
        match LeftRooms::read(&path).unwrap() {
            None => (Vec::new(), 0),
            Some(left) => {
                let ids = left.rooms.iter().map(|room| room.id.as_str().to_owned()).collect();
                (ids, left.unanswered.len())
            }
        }
    }

    #[test]
    fn rooms_without_an_archive_are_left() {
        let archived = r#"{"seq":2,"at":2,"event":"room_archived","room":"a"}"#.to_owned();
        assert_eq!(read(&[]), (Vec::new(), 0));
        let lines = [created("a"), created("b"), archived];
        assert_eq!(read(&lines), (vec!["b".to_owned()], 0));
    }

    #[test]
    fn the_cleanup_of_the_run_has_the_last_word() {
        let cleaned =
            |left: &str| format!(r#"{{"seq":3,"at":3,"event":"cleaned_up","left":[{left}]}}"#);
        let lines = [created("a"), created("b"), cleaned(r#"{"id":"a","creator":"alice"}"#)];
        assert_eq!(read(&lines), (vec!["a".to_owned()], 0));
        assert_eq!(read(&[created("a"), cleaned("")]), (Vec::new(), 0));
    }

    #[test]
    fn creations_without_an_answer_are_searched_for() {
        let returned = |call: u64, status: u16| {
            format!(
                r#"{{"seq":2,"at":2,"event":"returned","call":{call},"status":{status},"body":{{"text":""}}}}"#
            )
        };
        let never = invoked(1, "never");
        let (refused, broken) = (invoked(2, "refused"), invoked(3, "broken"));
        let lines = [never, refused, broken, returned(2, 400), returned(3, 502)];
        assert_eq!(read(&lines), (Vec::new(), 2));
    }

    #[test]
    fn what_was_cleaned_since_is_not_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.jsonl");
        std::fs::write(&path, [START, &created("a"), &created("b"), ""].join("\n")).unwrap();
        let left = LeftRooms::read(&path).unwrap().unwrap();
        left.save(vec!["a".into()], true).unwrap();
        let left = LeftRooms::read(&path).unwrap().unwrap();
        assert_eq!(left.rooms.len(), 1);
        left.save(vec!["b".into()], false).unwrap();
        assert!(LeftRooms::read(&path).unwrap().is_none());
    }
}
