//! The account, the room and the message that the examples of the specification name.
//!
//! A server with them answers each example as it is printed.

use std::sync::Arc;

use uuid::{Uuid, uuid};

use crate::accounts::{Account, seeded};
use crate::clock::Clock;
use crate::directory::Directory;
use crate::message_type::MessageType;
use crate::room_type::RoomType;
use crate::store::Store;
use crate::store::messages::Message;
use crate::store::rooms::Room;
use crate::users::User;

/// Number of users up to the last one that an example names by id.
const USERS: usize = 9;

/// The user who logs in. Section *Getting JWT Tokens*.
const USERNAME: &str = "user@example.com";

/// Their password.
const PASSWORD: &str = "password123";

/// The room. Section *Send Message*.
const ROOM: Uuid = uuid!("550e8400-e29b-41d4-a716-446655440000");

/// The message that an example replies to, and its text. Sections *List Messages in Room* and *Send Message*.
const MESSAGE: (Uuid, &str) = (uuid!("660e8400-e29b-41d4-a716-446655440001"), "Hey, how are you?");

/// The accounts of the examples: those of [`seeded`], and the one that logs in.
pub fn accounts() -> Vec<Account> {
    let mut accounts = seeded(USERS);
    accounts.push(Account {
        username: USERNAME.to_owned(),
        password: PASSWORD.to_owned(),
        full_name: "Example User".to_owned(),
        email: USERNAME.to_owned(),
    });
    accounts
}

/// Adds the room of the user who logs in, with another user and their message, unless it exists.
///
/// The other user is the last one, so that the rooms of `alice` to `heidi` stay as they are.
pub(crate) fn add(store: &Store, directory: &Directory) -> rusqlite::Result<()> {
    let user = |username: &str| directory.account(username).map(|(user, _)| Arc::clone(user));
    let other = seeded(USERS).pop().and_then(|account| user(&account.username));
    let (Some(creator), Some(other)) = (user(USERNAME), other) else { return Ok(()) };
    if store.room(ROOM)?.is_some() {
        return Ok(());
    }
    let mut clock = Clock::after(store.latest()?);
    let transaction = store.begin()?;
    add_room(store, [&creator, &other], &mut clock)?;
    let (id, content) = MESSAGE;
    let now = clock.tick();
    store.add_message(&Message {
        id,
        room: ROOM,
        sender: other.id,
        message_type: MessageType::Text,
        content: content.to_owned(),
        reply_to: None,
        created_at: now,
        modified_at: now,
        edited_at: None,
        deleted_at: None,
        attachment_name: None,
        attachment_size: None,
    })?;
    transaction.commit()
}

fn add_room(store: &Store, members: [&User; 2], clock: &mut Clock) -> rusqlite::Result<()> {
    let [creator, other] = members;
    let now = clock.tick();
    store.add_room(&Room {
        id: ROOM,
        room_type: RoomType::Group,
        name: "Project Team".to_owned(),
        task: None,
        property: None,
        created_by: creator.id,
        created_at: now,
        modified_at: now,
        archived_at: None,
        message_count: 0,
    })?;
    store.put_participant(ROOM, creator.id, true, now)?;
    store.put_participant(ROOM, other.id, false, now)
}
