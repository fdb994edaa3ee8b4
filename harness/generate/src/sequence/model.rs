//! The approximate state of the target while a sequence is generated.

use std::collections::BTreeMap;

/// The index of an actor.
pub(super) type User = usize;

/// The index of a message in its room.
pub(super) type Index = usize;

/// The index of a device of a user.
pub(super) type Device = usize;

/// The ends of the names of sockets, by device.
const DEVICES: [&str; 2] = ["", "-phone"];

/// All actors and rooms.
#[derive(Debug)]
pub(super) struct Model {
    /// Names of the actors.
    pub(super) actors: Vec<&'static str>,
    /// The rooms; the first one exists from the beginning.
    pub(super) rooms: Vec<Room>,
    /// The tokens that each actor obtained in the sequence.
    pub(super) tokens: Vec<Tokens>,
    saved: usize,
}

/// The tokens that an actor obtained in the sequence.
#[derive(Clone, Debug, Default)]
pub(super) struct Tokens {
    /// True after a login.
    pub(super) logged_in: bool,
    /// True after a refresh.
    pub(super) refreshed: bool,
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
    /// True for each device of the user whose socket is open.
    pub(super) connected: [bool; DEVICES.len()],
}

/// A saved message.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// The name under which the message is saved.
    pub(super) name: String,
    pub(super) sender: User,
    pub(super) deleted: bool,
    /// True if it has a file.
    pub(super) has_file: bool,
    /// The name under which the last edit of the message is saved.
    pub(super) edit: Option<String>,
}

/// The effect of a command that succeeds.
#[derive(Clone, Debug)]
pub(super) enum Effect {
    Nothing,
    Saved { room: usize, message: Message },
    Edited { room: usize, message: Index, edit: String },
    Deleted { room: usize, message: Index },
    Joined { room: usize, user: User, membership: Membership },
    Left { room: usize, user: User },
    Connected { room: usize, user: User, device: Device },
    Disconnected { room: usize, user: User, device: Device },
    Archived { room: usize },
    LoggedIn { user: User },
    Refreshed { user: User },
    Created(Room),
}

const NAMES: [&str; 5] = ["alice", "bob", "carol", "dave", "erin"];

impl Model {
    /// A model with the first room and its members, and with users outside of it.
    pub(super) fn new(actors: usize, members: usize) -> Self {
        let actors = NAMES[..actors.min(NAMES.len())].to_vec();
        let users: Vec<_> = (0..=members).collect();
        let tokens = vec![Tokens::default(); actors.len()];
        Self { actors, rooms: vec![Room::new("room", &users)], tokens, saved: 0 }
    }

    /// A new name for a saved object.
    pub(super) fn fresh(&mut self, prefix: &str) -> String {
        self.saved += 1;
        format!("{prefix}{}", self.saved)
    }

    /// The name of the socket of a device of a user to a room.
    pub(super) fn socket(&self, user: User, room: usize, device: Device) -> String {
        let (name, device) = (self.actors[user], DEVICES[device]);
        match room {
            0 => format!("{name}{device}"),
            _ => format!("{name}-{}{device}", self.rooms[room].name),
        }
    }

    /// Applies the effect of a command.
    pub(super) fn apply(&mut self, effect: Effect) {
        match effect {
            Effect::Nothing => {}
            Effect::Saved { room, message } => self.rooms[room].messages.push(message),
            Effect::Edited { room, message, edit } => {
                self.rooms[room].messages[message].edit = Some(edit);
            }
            Effect::Deleted { room, message } => self.rooms[room].messages[message].deleted = true,
            Effect::Joined { room, user, membership } => {
                self.rooms[room].memberships.insert(user, membership);
            }
            Effect::Left { room, user } => self.change_membership(room, user, |membership| {
                (membership.present, membership.admin, membership.connected) =
                    (false, false, Default::default());
            }),
            Effect::Connected { room, user, device } => {
                self.change_membership(room, user, |it| it.connected[device] = true);
            }
            Effect::Disconnected { room, user, device } => {
                self.change_membership(room, user, |it| it.connected[device] = false);
            }
            Effect::Archived { room } => self.rooms[room].archived = true,
            Effect::LoggedIn { user } => self.tokens[user].logged_in = true,
            Effect::Refreshed { user } => self.tokens[user].refreshed = true,
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
            (
                *user,
                Membership { id, present: true, admin: index == 0, connected: Default::default() },
            )
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

    /// The devices of a user whose sockets are open.
    pub(super) fn devices(&self, user: User) -> Vec<Device> {
        let membership = self.memberships.get(&user).filter(|membership| membership.present);
        let connected = membership.map(|it| it.connected).unwrap_or_default();
        (0..DEVICES.len()).filter(|device| connected[*device]).collect()
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
    /// A text message that is saved under this name.
    pub(super) fn new(name: &str, sender: User) -> Self {
        Self { name: name.to_owned(), sender, deleted: false, has_file: false, edit: None }
    }

    /// Id of the message, a template.
    pub(super) fn id(&self) -> String {
        format!("{{{}.id}}", self.name)
    }
}
