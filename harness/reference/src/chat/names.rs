//! What a room is called, which depends on who looks.

use super::Chat;
use crate::directory::UserId;
use crate::faults::Behaviour;
use crate::store::rooms::Room;
use crate::words::RoomType;

impl Chat {
    /// The name that a viewer sees: of a direct room the other person's, even after they have left.
    pub(crate) fn display_name(&self, room: &Room, viewer: UserId) -> rusqlite::Result<String> {
        match room.room_type {
            RoomType::Direct if self.faults.has(Behaviour::DirectRoomsShowOneself) => {
                Ok(self.directory.known(viewer).full_name.clone())
            }
            RoomType::Direct => self.names_of_others(room, viewer, true),
            RoomType::Group if self.faults.has(Behaviour::GroupsShowMembers) => {
                self.names_of_others(room, viewer, false)
            }
            _ if !room.name.is_empty() => Ok(room.name.clone()),
            RoomType::Group => self.names_of_others(room, viewer, false),
            RoomType::Task => Ok(numbered("Task", room.task)),
            RoomType::Property => Ok(numbered("Property", room.property)),
        }
    }

    fn names_of_others(
        &self,
        room: &Room,
        viewer: UserId,
        departed: bool,
    ) -> rusqlite::Result<String> {
        let others = self.store.others(room.id, viewer, departed)?;
        if others.is_empty() {
            return Ok("Group".to_owned());
        }
        let names: Vec<_> =
            others.into_iter().map(|user| self.directory.known(user).full_name.clone()).collect();
        Ok(names.join(", "))
    }
}

fn numbered(kind: &str, number: Option<i64>) -> String {
    number.map_or_else(|| kind.to_owned(), |number| format!("{kind} {number}"))
}
