//! The approximate state of the target while a sequence is generated.

use std::collections::BTreeMap;

/// The index of an actor.
pub(super) type User = usize;

/// The index of a message in its room.
pub(super) type Index = usize;

/// All actors and rooms.
#[derive(Debug)]
pub(super) struct Model {
    /// Names of the actors.
    pub(super) actors: Vec<&'static str>,
    /// The rooms; the first one exists from the beginning.
    pub(super) rooms: Vec<Room>,
    saved: usize,
}

/// A room.
#[derive(Clone, Debug)]
pub(super) struct Room {
    /// The name under which the room is saved.
    pub(super) name: &'static str,
    /// Current and former members.
    pub(super) memberships: BTreeMap<User, Membership>,
    /// The messages that were saved.
    pub(super) messages: Vec<Message>,
    /// True if messages are rejected.
    pub(super) archived: bool,
}

/// The membership of a user in a room.
#[derive(Clone, Debug)]
pub(super) struct Membership {
    /// Id of the participant, a template.
    pub(super) id: String,
    pub(super) present: bool,
    pub(super) admin: bool,
    /// True if the socket of the user is open.
    pub(super) connected: bool,
}

/// A saved message.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// The name under which the message is saved.
    pub(super) name: String,
    pub(super) sender: User,
    pub(super) deleted: bool,
}

/// The effect of a command that succeeds.
#[derive(Clone, Debug)]
pub(super) enum Effect {
    Nothing,
    Saved { room: usize, message: Message },
    Deleted { room: usize, message: Index },
    Joined { room: usize, user: User, membership: Membership },
    Left { room: usize, user: User },
    Connected { room: usize, user: User },
    Disconnected { room: usize, user: User },
    Archived { room: usize },
    Created(Room),
}

const NAMES: [&str; 5] = ["alice", "bob", "carol", "dave", "erin"];

impl Model {
    /// A model with the first room and its members, and with users outside of it.
    pub(super) fn new(actors: usize, members: usize) -> Self {
        let actors = NAMES[..actors.min(NAMES.len())].to_vec();
        let users: Vec<_> = (0..=members).collect();
        Self { actors, rooms: vec![Room::new("room", &users)], saved: 0 }
    }

    /// A new name for a saved object.
    pub(super) fn fresh(&mut self, prefix: &str) -> String {
        self.saved += 1;
        format!("{prefix}{}", self.saved)
    }

    /// The name of the socket of a user to a room.
    pub(super) fn socket(&self, user: User, room: usize) -> String {
        match room {
            0 => self.actors[user].to_owned(),
            _ => format!("{}-{}", self.actors[user], self.rooms[room].name),
        }
    }

    /// Applies the effect of a command.
    pub(super) fn apply(&mut self, effect: Effect) {
        match effect {
            Effect::Nothing => {}
            Effect::Saved { room, message } => self.rooms[room].messages.push(message),
            Effect::Deleted { room, message } => self.rooms[room].messages[message].deleted = true,
            Effect::Joined { room, user, membership } => {
                self.rooms[room].memberships.insert(user, membership);
            }
            Effect::Left { room, user } => self.change_membership(room, user, |membership| {
                (membership.present, membership.admin, membership.connected) =
                    (false, false, false);
            }),
            Effect::Connected { room, user } => {
                self.change_membership(room, user, |membership| membership.connected = true)
            }
            Effect::Disconnected { room, user } => {
                self.change_membership(room, user, |membership| membership.connected = false);
            }
            Effect::Archived { room } => self.rooms[room].archived = true,
            Effect::Created(room) => {
                if self.rooms.len() == 1 {
                    self.rooms.push(room);
                }
            }
        }
    }

    fn change_membership(&mut self, room: usize, user: User, change: impl FnOnce(&mut Membership)) {
        if let Some(membership) = self.rooms[room].memberships.get_mut(&user) {
            change(membership);
        }
    }
}

impl Room {
    /// A room of `users` that the first one created.
    pub(super) fn new(name: &'static str, users: &[User]) -> Self {
        let membership = |(index, user): (usize, &User)| {
            let id = format!("{{{name}.participants.{index}.id}}");
            (*user, Membership { id, present: true, admin: index == 0, connected: false })
        };
        Self {
            name,
            memberships: users.iter().enumerate().map(membership).collect(),
            messages: Vec::new(),
            archived: false,
        }
    }

    /// Id of the room, a template.
    pub(super) fn id(&self) -> String {
        format!("{{{}.id}}", self.name)
    }

    pub(super) fn has(&self, user: User) -> bool {
        self.memberships.get(&user).is_some_and(|membership| membership.present)
    }

    pub(super) fn receives(&self, user: User) -> bool {
        self.memberships
            .get(&user)
            .is_some_and(|membership| membership.present && membership.connected)
    }

    /// The current members.
    pub(super) fn present(&self) -> Vec<User> {
        self.memberships
            .iter()
            .filter(|(_, membership)| membership.present)
            .map(|(user, _)| *user)
            .collect()
    }
}

impl Message {
    /// Id of the message, a template.
    pub(super) fn id(&self) -> String {
        format!("{{{}.id}}", self.name)
    }
}
