//! Contents of responses.

use axum::http::HeaderMap;
use rusqlite::Result;
use unicode_segmentation::GraphemeCursor;
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

    /// The preview of a content: its first 100 characters, without a part of a character that people see as one.
    fn preview(&self, content: &str) -> String {
        let Some((end, _)) = content.char_indices().nth(PREVIEW) else { return content.to_owned() };
        let mut cursor = GraphemeCursor::new(end, content.len(), true);
        let whole = match cursor.is_boundary(content, 0) {
            Ok(true) => Some(end),
            _ => cursor.prev_boundary(content, 0).ok().flatten(),
        };
        // A character that is longer than a preview is cut.
        content[..whole.filter(|end| *end > 0).unwrap_or(end)].to_owned()
    }

    /// The headers of a response with an attachment: they keep browsers from displaying it.
    fn file_headers(&self, headers: HeaderMap) -> HeaderMap {
        headers
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

#[cfg(test)]
mod tests {
    use super::*;

    struct Documented;

    impl Rendering for Documented {}

    #[test]
    fn previews_consist_of_whole_characters() {
        let family = "👩\u{200d}👩\u{200d}👧\u{200d}👦";
        assert_eq!(Documented.preview("short"), "short");
        assert_eq!(Documented.preview(&"a".repeat(101)), "a".repeat(100));
        // 14 families of 7 code points.
        assert_eq!(Documented.preview(&family.repeat(20)), family.repeat(14));
        let long = format!("a{}", "\u{301}".repeat(500));
        assert_eq!(Documented.preview(&long).chars().count(), 100);
    }
}
