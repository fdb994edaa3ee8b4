//! An open socket: a task reads and records, everybody else looks at what has arrived.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use hearback_history::{CloseOrigin, ConnectionId, EventKind, Payload};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error as SocketError, Message};

use crate::client::Client;
use crate::escape::excerpt;
use crate::failure::Failure;
use crate::socket::raw::Stream;

/// How long the target may take to answer a close.
const FAREWELL: Duration = Duration::from_secs(1);

/// The longest close reason recorded, in characters.
const SHOWN: usize = 200;

/// A connection that one task reads while others write.
pub(crate) type Shareable = WebSocketStream<Stream>;

/// A handshake that did not lead to a socket. Ambiguity `handshake-refusal`.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the socket was not opened: {error}")]
pub struct Refused {
    /// HTTP status; `None` if none came, nothing was sent, or the target kept throttling.
    pub status: Option<u16>,
    /// What happened, bounded, escaped, and without secrets.
    pub error: String,
    /// Why the connection failed, where it did.
    pub failure: Option<Failure>,
}

/// A frame that was not sent, or not wholly.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum SendError {
    /// The connection has ended.
    #[error("the socket is closed")]
    Closed,
    /// The target does not read.
    #[error("the target took no frame for {0:?}")]
    TimedOut(Duration),
    /// The connection broke meanwhile.
    #[error("the frame could not be written: {0}")]
    Broken(String),
}

/// An open connection to a room; dropping it closes it. Section *WebSocket Protocol*.
pub struct Socket {
    shared: Arc<Shared>,
}

/// What the socket and its reading task have in common.
struct Shared {
    client: Arc<Client>,
    connection: ConnectionId,
    writer: tokio::sync::Mutex<SplitSink<Shareable, Message>>,
    log: Mutex<Log>,
    /// Something arrived, or the connection ended.
    changed: Notify,
    /// The socket is to be closed.
    stop: Notify,
}

#[derive(Default)]
struct Log {
    /// Text frames as they came; parsed by who looks, since parsed JSON can be many times as large.
    frames: Vec<Arc<str>>,
    taken: usize,
    bytes: usize,
    closed: bool,
    /// The task has let go of the connection.
    finished: bool,
}

impl Socket {
    pub(crate) fn start(client: &Arc<Client>, connection: ConnectionId, wire: Shareable) -> Self {
        let (writer, reader) = wire.split();
        let shared = Arc::new(Shared {
            client: client.clone(),
            connection,
            writer: tokio::sync::Mutex::new(writer),
            log: Mutex::default(),
            changed: Notify::new(),
            stop: Notify::new(),
        });
        tokio::spawn(shared.clone().run(reader));
        Self { shared }
    }

    /// The connection's number in the record.
    pub fn connection(&self) -> ConnectionId {
        self.shared.connection
    }

    /// Sends a text frame. It is recorded before it is written.
    pub async fn send_text(&self, text: &str) -> Result<(), SendError> {
        self.shared.send(Payload::from(text), Message::text(text)).await
    }

    /// Sends a binary frame. It is recorded before it is written.
    pub async fn send_binary(&self, bytes: &[u8]) -> Result<(), SendError> {
        self.shared.send(Payload::binary(bytes), Message::binary(bytes.to_vec())).await
    }

    /// The first JSON frame, of those from position `from` on, that `wanted` accepts, with its position.
    ///
    /// ThrottleNotifications for it as long as `timeout` lasts and the connection lives.
    pub async fn wait_for(
        &self,
        from: usize,
        timeout: Duration,
        mut wanted: impl FnMut(&Value) -> bool,
    ) -> Option<(usize, Value)> {
        let deadline = Instant::now() + timeout;
        let mut position = from;
        loop {
            // From here on, so that nothing that arrives while looking is missed.
            let changed = self.shared.changed.notified();
            let closed = self.is_closed();
            while let Some(frame) = self.frame(position) {
                if let Ok(value) = serde_json::from_str(&frame)
                    && wanted(&value)
                {
                    return Some((position, value));
                }
                position += 1;
            }
            if closed || timeout_at(deadline, changed).await.is_err() {
                return None;
            }
        }
    }

    /// How many text frames have arrived: the position of the next one.
    pub fn received_count(&self) -> usize {
        self.shared.log.lock().frames.len()
    }

    /// Whether the connection has ended.
    pub fn is_closed(&self) -> bool {
        self.shared.log.lock().closed
    }

    /// ThrottleNotifications for the connection to end; says whether it has.
    pub async fn wait_closed(&self, timeout: Duration) -> bool {
        self.shared.wait_until(timeout, |log| log.closed).await
    }

    /// Closes the connection normally, and waits a moment for the target to do the same.
    pub async fn close(&self) {
        self.shared.stop.notify_one();
        self.shared.wait_until(2 * FAREWELL, |log| log.finished).await;
    }

    fn frame(&self, position: usize) -> Option<Arc<str>> {
        self.shared.log.lock().frames.get(position).cloned()
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.shared.stop.notify_one();
    }
}

impl Shared {
    async fn send(&self, frame: Payload, message: Message) -> Result<(), SendError> {
        let timeout = self.client.limits.timeout;
        let write = async {
            let mut writer = self.writer.lock().await;
            {
                // Under the lock, so that nothing is recorded as sent after the close.
                let log = self.log.lock();
                if log.closed {
                    return Err(SendError::Closed);
                }
                let connection = self.connection;
                self.client.recorder.record(EventKind::Sent { connection, frame });
            }
            writer.send(message).await.map_err(|error| {
                SendError::Broken(
                    self.client.recorder.redacted(&excerpt(&error.to_string(), SHOWN)),
                )
            })
        };
        tokio::time::timeout(timeout, write).await.unwrap_or(Err(SendError::TimedOut(timeout)))
    }

    /// Reads until the connection ends or the socket is to be closed.
    async fn run(self: Arc<Self>, mut reader: SplitStream<Shareable>) {
        loop {
            let next = tokio::select! {
                next = reader.next() => next,
                () = self.stop.notified() => {
                    // Recorded first: what arrives from here on is nobody's any more.
                    self.end(CloseOrigin::Client, Some(1000), "");
                    break;
                }
            };
            if self.take(next).is_break() {
                break;
            }
        }
        let _late = timeout(FAREWELL, self.say_farewell(&mut reader)).await;
        self.log.lock().finished = true;
        self.changed.notify_waiters();
    }

    /// Records what came; the end of the connection breaks.
    fn take(&self, next: Option<Result<Message, SocketError>>) -> ControlFlow<()> {
        let message = match next {
            Some(Ok(message)) => message,
            Some(Err(error)) => {
                self.end(CloseOrigin::Broken, None, &error.to_string());
                return ControlFlow::Break(());
            }
            None => {
                self.end(CloseOrigin::Broken, None, "the stream ended without a close frame");
                return ControlFlow::Break(());
            }
        };
        let length = message.len();
        match message {
            Message::Text(text) => self.receive(Payload::from(text.as_str()), Some(text.as_str())),
            Message::Binary(bytes) => self.receive(Payload::binary(&bytes), None),
            Message::Close(frame) => {
                let (code, reason) = match &frame {
                    Some(frame) => (Some(u16::from(frame.code)), frame.reason.as_str()),
                    None => (None, ""),
                };
                self.end(CloseOrigin::Server, code, reason);
                return ControlFlow::Break(());
            }
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
        {
            let mut log = self.log.lock();
            log.taken += 1;
            log.bytes += length;
        }
        if self.is_flooded() {
            let limits = &self.client.limits;
            self.end(
                CloseOrigin::Broken,
                None,
                &format!(
                    "hearback closed the connection: a flood of more than {} frames or {} bytes",
                    limits.frames, limits.frame_bytes
                ),
            );
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn receive(&self, frame: Payload, text: Option<&str>) {
        let connection = self.connection;
        self.client.recorder.record(EventKind::Received { connection, frame });
        if let Some(text) = text {
            self.log.lock().frames.push(text.into());
            self.changed.notify_waiters();
        }
    }

    fn is_flooded(&self) -> bool {
        let log = self.log.lock();
        let limits = &self.client.limits;
        log.taken > limits.frames || log.bytes > limits.frame_bytes
    }

    fn end(&self, by: CloseOrigin, code: Option<u16>, reason: &str) {
        let mut log = self.log.lock();
        log.closed = true;
        self.client.recorder.record(EventKind::Closed {
            connection: self.connection,
            by,
            code,
            reason: excerpt(reason, SHOWN),
        });
        drop(log);
        self.changed.notify_waiters();
    }

    /// Exchanges close frames, as far as the target does its part.
    async fn say_farewell(&self, reader: &mut SplitStream<Shareable>) {
        let flooded = self.is_flooded();
        let code = if flooded { CloseCode::Policy } else { CloseCode::Normal };
        let frame = CloseFrame { code, reason: "".into() };
        // An error here means that the target was first, or is gone.
        let _ended = self.writer.lock().await.send(Message::Close(Some(frame))).await;
        // Reading also writes the answer to the target's own close frame.
        while !flooded && matches!(reader.next().await, Some(Ok(_))) {}
    }

    async fn wait_until(&self, timeout: Duration, reached: impl Fn(&Log) -> bool) -> bool {
        let deadline = Instant::now() + timeout;
        loop {
            let changed = self.changed.notified();
            if reached(&self.log.lock()) {
                return true;
            }
            if timeout_at(deadline, changed).await.is_err() {
                return false;
            }
        }
    }
}
