//! The sockets of the simulation: handshakes, deliveries and closes.

use hearback_history::{CloseOrigin, ConnectionId, Credential, CredentialKind, EventKind};
use serde_json::Value;

use super::network::{Network, Task};
use super::server::{Audience, Effect};
use super::state::{RemovedSocket, username};

/// A socket, as the client and the server know it.
#[derive(Debug)]
pub(crate) struct Socket {
    pub(crate) user: i64,
    pub(crate) room: String,
    /// True if the server sends events of the room to it.
    pub(crate) is_up: bool,
    /// True if the client knows that it is open.
    pub(crate) is_open: bool,
    pub(crate) is_ended: bool,
    /// Times of the last handled and the last delivered frame: both happen in order.
    pub(crate) handled: u64,
    pub(crate) delivered: u64,
}

impl Network {
    pub(crate) fn connect(&mut self, user: usize, room: String) {
        let socket = self.sockets.len();
        let actor = username(self.users[user]);
        self.record(EventKind::Connecting {
            connection: connection(socket),
            scenario: "simulation".into(),
            actor: actor.into(),
            credential: Credential { kind: CredentialKind::Access, owner: actor.into() },
            room: room.as_str().into(),
        });
        self.sockets.push(Socket {
            user: self.users[user],
            room,
            is_up: false,
            is_open: false,
            is_ended: false,
            handled: 0,
            delivered: 0,
        });
        self.later(Task::Open(socket));
    }

    pub(crate) fn open(&mut self, socket: usize) {
        let Socket { user, room, .. } = &self.sockets[socket];
        let Some(event) = self.server.established(*user, room) else {
            return self.later(Task::Refused(socket));
        };
        self.sockets[socket].is_up = true;
        let at = self.after(self.now);
        self.sockets[socket].delivered = at;
        self.schedule(at, Task::Opened(socket));
        self.deliver(socket, event);
    }

    pub(crate) fn close(&mut self, socket: usize, by: CloseOrigin) {
        self.sockets[socket].is_open = false;
        self.sockets[socket].is_up = false;
        self.record(EventKind::Closed {
            connection: connection(socket),
            by,
            code: (by == CloseOrigin::Server).then_some(4003),
            reason: String::new(),
        });
    }

    pub(crate) fn take_effect(&mut self, effects: Vec<Effect>, requester: Option<usize>) {
        for effect in effects {
            match effect {
                Effect::Event { room, audience, event } => {
                    for socket in 0..self.sockets.len() {
                        let Socket { user, room: its, is_up, .. } = &self.sockets[socket];
                        let is_member = || {
                            self.server
                                .state
                                .room(&room)
                                .is_some_and(|it| it.member(*user).is_some())
                        };
                        let is_listening = *is_up && *its == room && is_member();
                        let is_receiver = match audience {
                            Audience::Everyone => is_listening,
                            Audience::Except(other) => is_listening && *user != other,
                            Audience::Requester => requester == Some(socket),
                        };
                        if is_receiver {
                            self.deliver(socket, event.clone());
                        }
                    }
                }
                Effect::MembershipEnded { room, user } => {
                    for socket in 0..self.sockets.len() {
                        let it = &mut self.sockets[socket];
                        if it.is_up && it.room == room && it.user == user {
                            let treatment = self.server.state.readings.removed_sockets;
                            it.is_up = treatment == RemovedSocket::Revived;
                            if treatment == RemovedSocket::Closed {
                                it.is_ended = true;
                                let at = self.after(self.sockets[socket].delivered);
                                self.schedule(at, Task::Closed(socket));
                            }
                        }
                    }
                }
            }
        }
    }

    pub(crate) fn deliver(&mut self, socket: usize, event: Value) {
        let at = self.after(self.sockets[socket].delivered);
        self.sockets[socket].delivered = at;
        self.schedule(at, Task::Deliver(socket, event));
    }
}

/// Returns the connection id of a socket.
pub(crate) fn connection(socket: usize) -> ConnectionId {
    ConnectionId(socket as u64 + 1)
}
