//! The operations of the chat; the same for REST and sockets.
//!
//! Every change happens under one lock, so that the order of timestamps, of rows and of queued
//! events is the same.

mod drafts;
mod membership;
mod messages;
mod participants;
mod receipts;
mod rooms;

use std::sync::Arc;

use crate::clock::Clock;
use crate::delivery::{EventRewriter, Hub};
use crate::directory::Directory;
use crate::rules::Rules;
use crate::store::Store;

pub(crate) use drafts::{Draft, NewRoom, RoomQuery};

/// The rooms, their messages, and the connections that are open to them.
pub struct Chat {
    /// The database.
    pub store: Store,
    /// The open connections.
    pub hub: Hub,
    /// The users.
    pub directory: Arc<Directory>,
    /// The decisions of the chat.
    pub(crate) rules: Rules,
    clock: Clock,
}

impl Chat {
    /// A chat on top of a store.
    pub(crate) fn open(
        store: Store,
        directory: Arc<Directory>,
        rules: Rules,
        rewriter: Option<Box<dyn EventRewriter>>,
    ) -> rusqlite::Result<Self> {
        let clock = Clock::after(store.latest()?);
        Ok(Self { store, hub: Hub::new(rewriter), directory, rules, clock })
    }
}
