//! What may be done in a chat, by whom, and who hears of it; the same for REST and socket.
//!
//! Everything that changes a chat happens under one lock: its time, its row and its place in the sockets'
//! queues are one order.

mod membership;
mod messages;
mod names;
mod participants;
mod rooms;

use std::sync::Arc;

use crate::clock::Clock;
use crate::directory::Directory;
use crate::faults::Faults;
use crate::socket::hub::Hub;
use crate::store::Store;

pub(crate) use membership::Membership;
pub(crate) use messages::{Draft, Transport};
pub(crate) use rooms::{NewRoom, RoomQuery};

/// The rooms, their messages, and the sockets that are open to them.
pub(crate) struct Chat {
    /// What is kept.
    pub(crate) store: Store,
    /// The open sockets.
    pub(crate) hub: Hub,
    /// Who exists.
    pub(crate) directory: Arc<Directory>,
    /// What is broken on purpose.
    pub(crate) faults: Arc<Faults>,
    clock: Clock,
}

impl Chat {
    /// A chat over what the store holds.
    pub(crate) fn open(
        store: Store,
        directory: Arc<Directory>,
        faults: Arc<Faults>,
    ) -> rusqlite::Result<Self> {
        let clock = Clock::after(store.latest()?);
        let hub = Hub::new(&faults);
        Ok(Self { store, hub, directory, faults, clock })
    }
}
