//! Search for messages.

use rusqlite::{Result, named_params};
use uuid::Uuid;

use super::messages::{Message, SELECT, read};
use super::{Store, Window};
use crate::users::UserId;

/// A search for messages. Section *Search Messages*.
#[derive(Clone, Copy, Debug)]
pub struct Search<'a> {
    /// The user who searches; only their rooms are searched.
    pub user: UserId,
    /// Only this room.
    pub room: Option<Uuid>,
    /// Text that the content contains, ignoring ASCII case.
    pub text: &'a str,
}

// LIKE would stop at U+0000 and treat `%` and `_` as wildcards.
const FOUND: &str = "WHERE messages.room IN
         (SELECT room FROM participants WHERE user = :user AND left_at IS NULL)
     AND (:room IS NULL OR messages.room = :room)
     AND deleted_at IS NULL AND instr(lower(content), lower(:text)) > 0";

impl Store {
    /// Messages that contain a text, newest first.
    pub fn search(&self, search: Search<'_>, window: Window) -> Result<Vec<Message>> {
        self.query(
            &format!("{SELECT} {FOUND} ORDER BY created_at DESC LIMIT :limit OFFSET :offset"),
            named_params! {
                ":user": search.user,
                ":room": search.room,
                ":text": search.text,
                ":limit": window.limit,
                ":offset": window.offset,
            },
            read,
        )
    }

    /// The number of messages that [`Store::search`] selects without a window.
    pub fn count_found(&self, search: Search<'_>) -> Result<i64> {
        self.count(
            &format!("SELECT count(*) FROM messages {FOUND}"),
            named_params! { ":user": search.user, ":room": search.room, ":text": search.text },
        )
    }
}
