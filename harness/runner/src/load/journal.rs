//! The journal of a load run: which rooms it created, so that they can be archived however it ends.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use hearback_contract::Operation;
use hearback_history::{CallId, Event, EventKind, Journal, Payload, Sink};
use parking_lot::Mutex;

use crate::error::RunError;

/// The journal of a load run; clones share it, so that the trials of a search write one file.
#[derive(Clone)]
pub(super) struct RoomJournal(Arc<Mutex<Contents>>);

struct Contents {
    journal: Journal,
    /// Creations of rooms that were not answered yet.
    creations: HashSet<CallId>,
    /// True if a room was requested.
    is_needed: bool,
}

impl RoomJournal {
    /// Creates the file.
    ///
    /// # Errors
    /// If it cannot be created.
    pub(super) fn create(path: &Path) -> Result<Self, RunError> {
        let journal = Journal::create(path).map_err(RunError::JournalUnwritable)?;
        let contents = Contents { journal, creations: HashSet::new(), is_needed: false };
        Ok(Self(Arc::new(Mutex::new(contents))))
    }

    /// Removes the file, because nothing is left to clean up.
    pub(super) fn remove(&self) {
        // An unnecessary journal does no harm.
        std::fs::remove_file(self.0.lock().journal.path()).ok();
    }

    /// Removes the file if no room was requested.
    pub(super) fn remove_if_unneeded(&self) {
        if !self.0.lock().is_needed {
            self.remove();
        }
    }
}

impl Sink for RoomJournal {
    fn accept(&mut self, event: &Event) {
        let Contents { journal, creations, is_needed } = &mut *self.0.lock();
        match &event.kind {
            EventKind::RunStarted(_)
            | EventKind::RoomCreated(_)
            | EventKind::RoomArchived { .. }
            | EventKind::CleanedUp { .. }
            | EventKind::RunEnded(_) => journal.accept(event),
            EventKind::Invoked(invocation)
                if invocation.operation == Some(Operation::RoomsCreate) =>
            {
                *is_needed = true;
                creations.insert(invocation.call);
                journal.accept(event);
            }
            EventKind::Returned { call, status, .. } if creations.remove(call) => {
                // The body of a large room is large, and `RoomCreated` follows.
                let kind = EventKind::Returned {
                    call: *call,
                    status: *status,
                    content_type: None,
                    headers: Vec::new(),
                    throttled_s: None,
                    body: Payload::from(""),
                    truncated: false,
                };
                journal.accept(&Event { seq: event.seq, at: event.at, kind });
            }
            EventKind::Failed { call, .. } if creations.remove(call) => {
                journal.accept(event);
            }
            _ => {}
        }
    }
}
