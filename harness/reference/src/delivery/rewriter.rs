//! Extension point: the frames of events.

use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
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
pub struct OutgoingFrame {
    /// Text of the frame.
    pub text: Utf8Bytes,
    /// Delay before the frame is queued; later frames may overtake it.
    pub delay: Duration,
}

/// Replaces the frames that connections receive for events. A server without a rewriter queues the
/// frame of each event unchanged.
pub trait EventRewriter: Send {
    /// The frames for one recipient of an event, in order.
    fn rewrite(&mut self, event: &Event<'_>, recipient: Recipient) -> Vec<OutgoingFrame>;
}

impl OutgoingFrame {
    /// Queues the frame, now or after its delay; false if the queue is full.
    pub(super) fn queue(self, queue: &mpsc::Sender<Utf8Bytes>) -> bool {
        if self.delay.is_zero() {
            return queue.try_send(self.text).is_ok();
        }
        let queue = queue.clone();
        tokio::spawn(async move {
            tokio::time::sleep(self.delay).await;
            // Fails if the connection has ended in the meantime.
            queue.send(self.text).await.ok();
        });
        true
    }
}
