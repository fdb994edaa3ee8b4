//! Validation of input.

use uuid::Uuid;

use crate::directory::Directory;
use crate::message_type::MessageType;
use crate::refusal::Refusal;
use crate::room_type::RoomType;
use crate::store::Store;
use crate::store::messages::Message;
use crate::store::rooms::Room;
use crate::users::UserId;

/// Maximum number of characters of a message.
const MAXIMUM_CONTENT: usize = 100_000;

/// Minimum number of characters of a search.
const MINIMUM_SEARCH: usize = 3;

/// Number of items of a page for which no size is requested.
const DEFAULT_PAGE: i64 = 50;

/// Maximum number of items of a page.
const MAXIMUM_PAGE: i64 = 100;

/// Maximum size of a frame, in bytes.
const MAXIMUM_FRAME: usize = 1 << 20;

/// The use of a content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// A message sent by an operation.
    OperationSend,
    /// A message sent by a socket.
    SocketSend,
    /// An edit.
    Edit,
}

/// The text of a message, and where it comes from.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    /// The text.
    pub text: &'a str,
    /// True if the message has an attachment.
    pub has_attachment: bool,
    /// The use of the content.
    pub occasion: Occasion,
}

/// Decides which input is accepted.
pub trait Validation: Send + Sync {
    /// Checks a content: it must not be blank unless the message has an attachment, and has at most
    /// 100,000 characters.
    fn check_content(&self, content: &Content<'_>) -> Result<(), Refusal> {
        if content.text.trim().is_empty() && !content.has_attachment {
            return Err(Refusal::invalid("`content` must not be blank."));
        }
        // Text never has more characters than bytes, so most texts need not be counted.
        if content.text.len() > MAXIMUM_CONTENT && content.text.chars().count() > MAXIMUM_CONTENT {
            return Err(Refusal::invalid("`content` is too long."));
        }
        Ok(())
    }

    /// Checks the type that a client gives to a message: clients do not send system messages.
    fn check_message_type(&self, given: MessageType, _has_attachment: bool) -> Result<(), Refusal> {
        match given {
            MessageType::System => Err(Refusal::invalid("System messages cannot be sent.")),
            _ => Ok(()),
        }
    }

    /// The name of a file in the form in which it is stored: the part after the last separator of paths, without
    /// control characters.
    fn file_name(&self, name: &str) -> String {
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let name: String = name.chars().filter(|letter| !letter.is_control()).collect();
        if matches!(name.as_str(), "" | "." | "..") { "attachment".to_owned() } else { name }
    }

    /// The message that a reply refers to: it must be in the same room.
    fn reply_target(&self, store: &Store, room: &Room, id: Uuid) -> Result<Option<Uuid>, Refusal> {
        match store.message(id)? {
            Some(message) if message.room == room.id => Ok(Some(id)),
            _ => Err(Refusal::invalid("There is no such message in this room.")),
        }
    }

    /// Checks the message that is to be edited: it must not be deleted.
    fn check_editable(&self, message: &Message) -> Result<(), Refusal> {
        match message.deleted_at {
            None => Ok(()),
            Some(_) => Err(Refusal::invalid("A deleted message cannot be edited.")),
        }
    }

    /// The users that are invited to a new room: all must exist.
    fn invited(&self, directory: &Directory, ids: Vec<i64>) -> Result<Vec<UserId>, Refusal> {
        match ids.iter().find(|id| directory.find(**id).is_none()) {
            None => Ok(ids),
            Some(id) => Err(Refusal::invalid(format!("There is no user {id}."))),
        }
    }

    /// Checks the number of users beside the creator of a new room: a direct room has exactly one.
    fn check_size(&self, room_type: RoomType, others: usize) -> Result<(), Refusal> {
        if room_type == RoomType::Direct && others != 1 {
            return Err(Refusal::invalid("A direct room is for exactly one other user."));
        }
        Ok(())
    }

    /// The task of a task room or the property of a property room: a positive integer.
    fn subject(&self, kind: RoomType, number: Option<i64>) -> Result<Option<i64>, Refusal> {
        match number {
            Some(number) if number > 0 => Ok(Some(number)),
            _ => Err(Refusal::invalid(format!("`{}` must be a positive integer.", kind.word()))),
        }
    }

    /// Checks the room that a user is to be added to: a direct room has two members.
    fn check_addition(&self, room: &Room) -> Result<(), Refusal> {
        keeps_members(room)
    }

    /// Checks the room that a user is to be removed from: a direct room keeps its members.
    fn check_removal(&self, room: &Room) -> Result<(), Refusal> {
        keeps_members(room)
    }

    /// The user that is to be added to a room: it must exist.
    fn newcomer(&self, directory: &Directory, id: i64) -> Result<UserId, Refusal> {
        match directory.find(id) {
            Some(_) => Ok(id),
            None => Err(Refusal::invalid("There is no such user.")),
        }
    }

    /// Checks the text of a search: it has at least three characters.
    fn check_search(&self, text: &str) -> Result<(), Refusal> {
        if text.chars().count() < MINIMUM_SEARCH {
            return Err(Refusal::invalid("`q` must have at least 3 characters."));
        }
        Ok(())
    }

    /// Checks a page that is beyond the last one and not the first: it does not exist.
    fn check_page(&self, _number: i64) -> Result<(), Refusal> {
        Err(Refusal::NotFound("There is no such page."))
    }

    /// Maximum size of a frame, in bytes; a larger one ends the connection with 1009.
    fn frame_limit(&self) -> usize {
        MAXIMUM_FRAME
    }

    /// True if binary frames are read like text frames.
    fn reads_binary(&self) -> bool {
        false
    }

    /// The size of a page: 50 by default, at most 100; a larger request is capped.
    fn page_size(&self, requested: Option<i64>) -> Result<i64, Refusal> {
        Ok(requested.unwrap_or(DEFAULT_PAGE).min(MAXIMUM_PAGE))
    }
}

fn keeps_members(room: &Room) -> Result<(), Refusal> {
    match room.room_type {
        RoomType::Direct => Err(Refusal::invalid("A direct room keeps its two members.")),
        _ => Ok(()),
    }
}
