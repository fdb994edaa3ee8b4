//! A connection that is read by who owns it; sending never waits.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use hearback_client::RawSocket;
use hearback_history::{CloseOrigin, ConnectionId, EventKind, Payload, Recorder};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

/// About one segment of the network. Filled with zeros on each read, and most of what a connection takes. Where a read brings one message, as in
/// chat, 16 KiB give a sixth fewer deliveries a CPU-second; only a flood on one socket would gain by more.
const READ_BUFFER: usize = 1536;
/// Longest frame taken.
const LONGEST: usize = 1 << 20;
/// Bytes that may wait for a target that does not read.
const WAITING: usize = 256 << 10;

/// How the handshake sets a connection up for a [`Line`].
pub(crate) fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        // Written at once, not with the next flush.
        .write_buffer_size(0)
        .max_write_buffer_size(WAITING)
        .max_message_size(Some(LONGEST))
        .max_frame_size(Some(LONGEST))
}

/// An open connection.
pub(crate) struct Line {
    /// Large, since it may hold a TLS session: boxed, so that a member's future does not hold it several times.
    wire: Box<RawSocket>,
    connection: ConnectionId,
    /// Something could not be written wholly yet.
    waiting: bool,
    /// Where its traffic is kept, if it is of a sampled room.
    tap: Option<Arc<Recorder>>,
}

/// A frame that was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unsent {
    /// The target does not read: too much is waiting already.
    Blocked,
    /// The connection is broken.
    Broken,
}

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    /// Whether the target closed it in order.
    pub(crate) by_target: bool,
    /// The code and reason, or the error.
    pub(crate) reason: String,
}

impl Line {
    pub(crate) fn new(
        wire: RawSocket,
        connection: ConnectionId,
        tap: Option<Arc<Recorder>>,
    ) -> Self {
        Self { wire: Box::new(wire), connection, waiting: false, tap }
    }

    /// Writes a text frame, as far as the system takes it now; the rest goes out while frames are read.
    pub(crate) fn send(&mut self, text: String) -> Result<(), Unsent> {
        if let Some(tap) = &self.tap {
            let frame = Payload::from(text.as_str());
            tap.record(EventKind::Sent { connection: self.connection, frame });
        }
        match self.wire.write(Message::text(text)) {
            Ok(()) => {
                self.waiting = true;
                Ok(())
            }
            Err(Error::WriteBufferFull(_)) => Err(Unsent::Blocked),
            Err(_) => Err(Unsent::Broken),
        }
    }

    /// The next text frame. Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> Result<Utf8Bytes, Ended> {
        std::future::poll_fn(|context| self.poll_next(context)).await
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Utf8Bytes, Ended>> {
        if self.waiting {
            match self.wire.poll_flush(context) {
                Poll::Ready(Ok(())) => self.waiting = false,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(self.broken(&error))),
                Poll::Pending => {}
            }
        }
        loop {
            let message = match ready!(self.wire.poll_read(context)) {
                Ok(message) => message,
                Err(error) => return Poll::Ready(Err(self.broken(&error))),
            };
            match message {
                Message::Text(text) => {
                    if let Some(tap) = &self.tap {
                        let frame = Payload::from(text.as_str());
                        tap.record(EventKind::Received { connection: self.connection, frame });
                    }
                    return Poll::Ready(Ok(text));
                }
                Message::Close(frame) => {
                    let (code, reason) = match &frame {
                        Some(frame) => (Some(u16::from(frame.code)), frame.reason.as_str()),
                        None => (None, ""),
                    };
                    self.note_end(CloseOrigin::Server, code, reason);
                    let code = code.map_or_else(|| "no code".to_owned(), |code| code.to_string());
                    let reason = format!("closed by the target: {code} {reason}");
                    return Poll::Ready(Err(Ended { by_target: true, reason }));
                }
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    /// Says goodbye, as far as that needs no waiting, and lets go of the connection.
    pub(crate) fn close(mut self) {
        self.note_end(CloseOrigin::Client, Some(1000), "");
        // A target that is gone, or does not read, needs no goodbye.
        let _unheard = self.wire.write(Message::Close(None));
    }

    fn broken(&self, error: &impl ToString) -> Ended {
        let reason = error.to_string();
        self.note_end(CloseOrigin::Broken, None, &reason);
        Ended { by_target: false, reason }
    }

    fn note_end(&self, by: CloseOrigin, code: Option<u16>, reason: &str) {
        if let Some(tap) = &self.tap {
            let reason = hearback_history::escape::escape(reason, 200);
            tap.record(EventKind::Closed { connection: self.connection, by, code, reason });
        }
    }
}
