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
pub(super) struct RoomJournal {
    journal: Arc<Mutex<Journal>>,
    /// Creations of rooms that were not answered yet.
    creations: Arc<Mutex<HashSet<CallId>>>,
}

impl RoomJournal {
    /// Creates the file.
    ///
    /// # Errors
    /// If it cannot be created.
    pub(super) fn create(path: &Path) -> Result<Self, RunError> {
        let journal = Journal::create(path).map_err(RunError::JournalUnwritable)?;
        Ok(Self { journal: Arc::new(Mutex::new(journal)), creations: Arc::default() })
    }

    /// Removes the file, because nothing is left to clean up.
    pub(super) fn remove(&self) {
        // An unnecessary journal does no harm.
        std::fs::remove_file(self.journal.lock().path()).ok();
    }
}

impl Sink for RoomJournal {
    fn accept(&mut self, event: &Event) {
        match &event.kind {
            EventKind::RunStarted(_)
            | EventKind::RoomCreated(_)
            | EventKind::RoomArchived { .. }
            | EventKind::CleanedUp { .. }
            | EventKind::RunEnded(_) => self.journal.lock().accept(event),
            EventKind::Invoked(invocation)
                if invocation.operation == Some(Operation::RoomsCreate) =>
            {
                self.creations.lock().insert(invocation.call);
                self.journal.lock().accept(event);
            }
            EventKind::Returned { call, status, .. } if self.creations.lock().remove(call) => {
                // The body of a large room is large, and `RoomCreated` follows.
                let kind = EventKind::Returned {
                    call: *call,
                    status: *status,
                    content_type: None,
                    throttled_s: None,
                    body: Payload::from(""),
                    truncated: false,
                };
                self.journal.lock().accept(&Event { seq: event.seq, at: event.at, kind });
            }
            EventKind::Failed { call, .. } if self.creations.lock().remove(call) => {
                self.journal.lock().accept(event);
            }
            _ => {}
        }
    }
}
