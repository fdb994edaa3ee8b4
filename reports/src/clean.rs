//! Rooms that earlier runs left behind, and what became of them.

use hearback_runner::clean::{Cleaned, LeftBehind, RoomStatus};

use crate::shown::shown;
use crate::words::{counted, orphaned_room};

/// The rooms of a run that may still be active.
pub fn plan(run: &LeftBehind) -> String {
    let rooms = run.rooms();
    let head = format!(
        "Run {} at {} may have left {} behind ({}):",
        run.run(),
        shown(run.target()),
        counted(rooms.len() as u64, "room"),
        run.journal().display()
    );
    let rooms = rooms.iter().map(|room| format!("\n  {}", orphaned_room(room, shown)));
    format!("{head}{}", rooms.collect::<String>())
}

/// The result of the cleanup of a run.
pub fn result(cleaned: &Cleaned) -> String {
    if let Some(other) = &cleaned.other_target {
        return format!("Run {}: skipped, since it tested {}", cleaned.run, shown(other));
    }
    let settled = cleaned.settled.iter().map(|(id, status)| {
        let status = match status {
            RoomStatus::Archived => "archived",
            RoomStatus::Gone => "gone",
            RoomStatus::Active => "still active",
            RoomStatus::OfOtherProcess => "archived by another process",
        };
        format!("\n  room {}: {status}", shown(id.as_str()))
    });
    let left = cleaned.left.iter().map(|room| format!("\n  {}", orphaned_room(room, shown)));
    let rooms: String = settled.chain(left).collect();
    format!("Run {}:{rooms}", cleaned.run)
}
