//! Extension point: the frames of events.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use parking_lot::Mutex;
use tokio::sync::mpsc;

use super::connection_id::ConnectionId;
use super::event::Event;
use crate::users::UserId;

/// A connection that is to receive an event.
#[derive(Clone, Copy, Debug)]
pub struct Recipient {
    /// The connection.
    pub connection: ConnectionId,
    /// Its user.
    pub user: UserId,
}

/// A frame for one connection.
#[derive(Clone, Debug)]
pub enum OutgoingFrame {
    /// Queued at once.
    Now(Utf8Bytes),
    /// Held back, so that later frames overtake it.
    Held(HeldFrame),
}

/// A frame that is held back until it is taken, or a time has passed.
#[derive(Clone, Debug)]
pub struct HeldFrame {
    text: Arc<Mutex<Option<Utf8Bytes>>>,
    longest: Duration,
}

impl HeldFrame {
    /// A frame that is queued after `longest`, unless it is taken before.
    pub fn new(text: Utf8Bytes, longest: Duration) -> Self {
        Self { text: Arc::new(Mutex::new(Some(text))), longest }
    }

    /// The text, if the frame was not queued or taken yet.
    pub fn take(&self) -> Option<Utf8Bytes> {
        self.text.lock().take()
    }
}

/// Replaces the frames that connections receive for events. A server without a rewriter queues the
/// frame of each event unchanged.
pub trait EventRewriter: Send {
    /// The frames for one recipient of an event, in order.
    fn rewrite(&mut self, event: &Event<'_>, recipient: Recipient) -> Vec<OutgoingFrame>;
}

impl OutgoingFrame {
    /// Queues the frame, now or later; false if the queue is full.
    pub(super) fn queue(self, queue: &mpsc::Sender<Utf8Bytes>) -> bool {
        let held = match self {
            Self::Now(text) => return queue.try_send(text).is_ok(),
            Self::Held(held) => held,
        };
        let queue = queue.clone();
        tokio::spawn(async move {
            tokio::time::sleep(held.longest).await;
            if let Some(text) = held.take() {
                // Fails if the connection has ended in the meantime.
                queue.send(text).await.ok();
            }
        });
        true
    }
}
