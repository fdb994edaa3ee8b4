//! A connection whose owner reads it directly. Sending never waits.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use hearback_client::{RawSocket, close_origin};
use hearback_history::{CloseOrigin, ConnectionId, EventKind, Payload, Recorder};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

/// Size of the read buffer, in bytes: about one network segment.
///
/// The buffer is most of a connection's memory, and is zeroed on each read. In chat, where a read returns one message,
/// 16 KiB yield a sixth fewer deliveries per CPU second. Only a flood on a single socket would benefit from more.
const READ_BUFFER: usize = 1536;
/// Maximum size of a frame, in bytes.
const MAX_FRAME: usize = 1 << 20;
/// Maximum number of bytes that wait for a target that does not read.
const WRITE_BUFFER: usize = 256 << 10;

/// The configuration of the socket of a [`Connection`].
pub(crate) fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        // Writes are passed to the system at once, not with the next flush.
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER)
        .max_message_size(Some(MAX_FRAME))
        .max_frame_size(Some(MAX_FRAME))
}

/// An open connection.
pub(crate) struct Connection {
    /// Boxed, because it may contain a large TLS session that a member's future would hold several times.
    socket: Box<RawSocket>,
    id: ConnectionId,
    /// True if a write is incomplete.
    needs_flush: bool,
    /// Records the traffic of sampled rooms.
    recorder: Option<Arc<Recorder>>,
}

/// A reason why a frame was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SendError {
    /// The write buffer is full, because the target does not read.
    Blocked,
    /// The connection is broken.
    Broken,
}

/// The end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    /// True if the target sent a close frame.
    pub(crate) by_target: bool,
    /// Code and reason of the close frame, or the error.
    pub(crate) reason: String,
}

impl Connection {
    pub(crate) fn new(
        socket: RawSocket,
        id: ConnectionId,
        recorder: Option<Arc<Recorder>>,
    ) -> Self {
        Self { socket: Box::new(socket), id, needs_flush: false, recorder }
    }

    /// Writes a text frame without waiting. Bytes that the system does not accept now are written during reads.
    pub(crate) fn send(&mut self, text: String) -> Result<(), SendError> {
        if let Some(recorder) = &self.recorder {
            let frame = Payload::from(text.as_str());
            recorder.record(EventKind::Sent { connection: self.id, frame });
        }
        match self.socket.write(Message::text(text)) {
            Ok(()) => {
                self.needs_flush = true;
                Ok(())
            }
            Err(Error::WriteBufferFull(_)) => Err(SendError::Blocked),
            Err(_) => Err(SendError::Broken),
        }
    }

    /// Receives the next text frame. Cancel safe.
    pub(crate) async fn next(&mut self) -> Result<Utf8Bytes, Ended> {
        std::future::poll_fn(|context| self.poll_next(context)).await
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Utf8Bytes, Ended>> {
        if self.needs_flush {
            match self.socket.poll_flush(context) {
                Poll::Ready(Ok(())) => self.needs_flush = false,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(self.broken(&error))),
                Poll::Pending => {}
            }
        }
        loop {
            let message = match ready!(self.socket.poll_read(context)) {
                Ok(message) => message,
                Err(error) => return Poll::Ready(Err(self.broken(&error))),
            };
            match message {
                Message::Text(text) => {
                    if let Some(recorder) = &self.recorder {
                        let frame = Payload::from(text.as_str());
                        recorder.record(EventKind::Received { connection: self.id, frame });
                    }
                    return Poll::Ready(Ok(text));
                }
                Message::Close(frame) => {
                    let (code, reason) = match &frame {
                        Some(frame) => (Some(u16::from(frame.code)), frame.reason.as_str()),
                        None => (None, ""),
                    };
                    self.record_end(CloseOrigin::Server, code, reason);
                    let code = code.map_or_else(|| "no code".to_owned(), |code| code.to_string());
                    let reason = format!("closed by the target: {code} {reason}");
                    return Poll::Ready(Err(Ended { by_target: true, reason }));
                }
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    /// Sends a close frame without waiting, and drops the connection.
    pub(crate) fn close(mut self) {
        self.record_end(CloseOrigin::Client, Some(1000), "");
        // Best effort: the target may be gone, or not read.
        let _unsent = self.socket.write(Message::Close(None));
    }

    fn broken(&self, error: &Error) -> Ended {
        let reason = error.to_string();
        self.record_end(close_origin(error), None, &reason);
        Ended { by_target: false, reason }
    }

    fn record_end(&self, by: CloseOrigin, code: Option<u16>, reason: &str) {
        if let Some(recorder) = &self.recorder {
            let reason = hearback_history::escape::escape(reason, 200);
            recorder.record(EventKind::Closed { connection: self.id, by, code, reason });
        }
    }
}
