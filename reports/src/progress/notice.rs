//! Warnings, which are printed however quiet the run is.

use hearback_runner::Event;

use crate::shown::shown;
use crate::words::orphaned_room;

/// The warning of an event, if it is one.
pub fn notice(event: &Event) -> Option<String> {
    match event {
        Event::RoomLeftBehind(room) => {
            Some(format!("warning: room left behind: {}", orphaned_room(room, shown)))
        }
        Event::JournalIncomplete { path, reason } => {
            Some(format!("warning: the journal {} is incomplete: {reason}", path.display()))
        }
        Event::ReproductionNotWritten { path, reason } => {
            Some(format!("warning: cannot write {}: {reason}", path.display()))
        }
        Event::RecordUnsaved { reason } => Some(format!("warning: {reason}")),
        Event::GooseFailed { reason } => {
            Some(format!("warning: the figures of goose are missing: {reason}"))
        }
        _ => None,
    }
}
