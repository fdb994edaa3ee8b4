//! What a sequence takes to be so while it is made. The target may have it otherwise.

use std::collections::BTreeMap;

/// An actor, by its place in the cast.
pub(super) type User = usize;

/// A message of a room, by its place there.
pub(super) type Index = usize;

/// Everybody and every room.
#[derive(Debug)]
pub(super) struct Model {
    /// Names of the actors.
    pub(super) actors: Vec<&'static str>,
    /// The rooms; the first one is there from the beginning.
    pub(super) rooms: Vec<Room>,
    saved: usize,
}

/// A room.
#[derive(Clone, Debug)]
pub(super) struct Room {
    /// The name under which it is kept.
    pub(super) name: &'static str,
    /// Who has been in it, and how that stands.
    pub(super) seats: BTreeMap<User, Seat>,
    /// What was said there and kept under a name.
    pub(super) messages: Vec<Message>,
    /// Nothing can be written any more.
    pub(super) archived: bool,
}

/// A user's place in a room.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    /// The participant's id, a template.
    pub(super) id: String,
    pub(super) present: bool,
    pub(super) admin: bool,
    /// The user's socket is open there.
    pub(super) connected: bool,
}

/// A message that is kept.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// The name under which it is kept.
    pub(super) name: String,
    pub(super) sender: User,
    pub(super) deleted: bool,
}

/// What a command brings about, if all is well.
#[derive(Clone, Debug)]
pub(super) enum Effect {
    Nothing,
    Said { room: usize, message: Message },
    Deleted { room: usize, message: Index },
    Joined { room: usize, user: User, seat: Seat },
    Gone { room: usize, user: User },
    Connected { room: usize, user: User },
    Disconnected { room: usize, user: User },
    Archived { room: usize },
    Created(Room),
}

const NAMES: [&str; 5] = ["alice", "bob", "carol", "dave", "erin"];

impl Model {
    /// The first room with its members, and others outside.
    pub(super) fn new(actors: usize, members: usize) -> Self {
        let actors = NAMES[..actors.min(NAMES.len())].to_vec();
        let users: Vec<_> = (0..=members).collect();
        Self { actors, rooms: vec![Room::new("room", &users)], saved: 0 }
    }

    /// A name that nothing is kept under yet.
    pub(super) fn fresh(&mut self, prefix: &str) -> String {
        self.saved += 1;
        format!("{prefix}{}", self.saved)
    }

    /// What a user's socket to a room is called.
    pub(super) fn socket(&self, user: User, room: usize) -> String {
        match room {
            0 => self.actors[user].to_owned(),
            _ => format!("{}-{}", self.actors[user], self.rooms[room].name),
        }
    }

    /// Takes what a command brings about as done.
    pub(super) fn apply(&mut self, effect: Effect) {
        match effect {
            Effect::Nothing => {}
            Effect::Said { room, message } => self.rooms[room].messages.push(message),
            Effect::Deleted { room, message } => self.rooms[room].messages[message].deleted = true,
            Effect::Joined { room, user, seat } => {
                self.rooms[room].seats.insert(user, seat);
            }
            Effect::Gone { room, user } => self.seat(room, user, |seat| {
                (seat.present, seat.admin, seat.connected) = (false, false, false);
            }),
            Effect::Connected { room, user } => self.seat(room, user, |seat| seat.connected = true),
            Effect::Disconnected { room, user } => {
                self.seat(room, user, |seat| seat.connected = false);
            }
            Effect::Archived { room } => self.rooms[room].archived = true,
            Effect::Created(room) => {
                if self.rooms.len() == 1 {
                    self.rooms.push(room);
                }
            }
        }
    }

    fn seat(&mut self, room: usize, user: User, change: impl FnOnce(&mut Seat)) {
        if let Some(seat) = self.rooms[room].seats.get_mut(&user) {
            change(seat);
        }
    }
}

impl Room {
    /// A room that the first of `users` makes for them all.
    pub(super) fn new(name: &'static str, users: &[User]) -> Self {
        let seat = |(index, user): (usize, &User)| {
            let id = format!("{{{name}.participants.{index}.id}}");
            (*user, Seat { id, present: true, admin: index == 0, connected: false })
        };
        Self {
            name,
            seats: users.iter().enumerate().map(seat).collect(),
            messages: Vec::new(),
            archived: false,
        }
    }

    /// Its id, a template.
    pub(super) fn id(&self) -> String {
        format!("{{{}.id}}", self.name)
    }

    pub(super) fn has(&self, user: User) -> bool {
        self.seats.get(&user).is_some_and(|seat| seat.present)
    }

    pub(super) fn hears(&self, user: User) -> bool {
        self.seats.get(&user).is_some_and(|seat| seat.present && seat.connected)
    }

    /// Who is in it.
    pub(super) fn present(&self) -> Vec<User> {
        self.seats.iter().filter(|(_, seat)| seat.present).map(|(user, _)| *user).collect()
    }
}

impl Message {
    /// Its id, a template.
    pub(super) fn id(&self) -> String {
        format!("{{{}.id}}", self.name)
    }
}
