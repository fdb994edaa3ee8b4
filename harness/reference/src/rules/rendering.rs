//! Contents of responses.

use rusqlite::Result;
use uuid::Uuid;

use crate::directory::Directory;
use crate::room_type::RoomType;
use crate::store::messages::Message;
use crate::store::participants::Participant;
use crate::store::rooms::Room;
use crate::store::{Store, Window};
use crate::users::UserId;

/// Maximum number of characters of a preview.
const PREVIEW: usize = 100;

/// Decides what responses show.
pub trait Rendering: Send + Sync {
    /// The name that a viewer sees for a room: in a direct room that of the other user, even if
    /// they have left; otherwise the name of the room, or the names of the other members, or the
    /// task or property.
    fn display_name(
        &self,
        store: &Store,
        directory: &Directory,
        room: &Room,
        viewer: UserId,
    ) -> Result<String> {
        match room.room_type {
            RoomType::Direct => names(directory, &store.others(room.id, viewer, true)?),
            _ if !room.name.is_empty() => Ok(room.name.clone()),
            RoomType::Group => names(directory, &store.others(room.id, viewer, false)?),
            RoomType::Task => Ok(numbered("Task", room.task)),
            RoomType::Property => Ok(numbered("Property", room.property)),
        }
    }

    /// A message as responses show it: as it is stored.
    fn message(&self, message: Message) -> Message {
        message
    }

    /// The last message of a room, as the room shows it.
    fn last_message(&self, store: &Store, room: Uuid) -> Result<Option<Message>> {
        store.last_message(room)
    }

    /// The preview of a content: its first 100 characters.
    fn preview(&self, content: &str) -> String {
        content.chars().take(PREVIEW).collect()
    }

    /// The participants in the detail of a room: the current ones.
    fn participants(&self, store: &Store, room: Uuid) -> Result<Vec<Participant>> {
        store.participants(room, Window::ALL)
    }

    /// The number of participants in the list of rooms and in statistics: the current ones.
    fn participant_count(&self, store: &Store, room: Uuid) -> Result<i64> {
        store.count_participants(room)
    }
}

fn names(directory: &Directory, users: &[UserId]) -> Result<String> {
    if users.is_empty() {
        return Ok("Group".to_owned());
    }
    let names: Vec<_> = users.iter().map(|user| directory.known(*user).full_name.clone()).collect();
    Ok(names.join(", "))
}

fn numbered(kind: &str, number: Option<i64>) -> String {
    number.map_or_else(|| kind.to_owned(), |number| format!("{kind} {number}"))
}
