//! Sockets with several users: one task reads and records, others wait for frames and send.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use hearback_contract::RoomId;
use hearback_history::escape::escape;
use hearback_history::storage::LARGE;
use hearback_history::{CloseOrigin, ConnectionId, EventKind, Payload, ScenarioName, json_extent};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error as SocketError, Message};

use super::adapted::Adapted;
use super::close_origin::{close_origin, has_forbidden_code};
use super::log::{Log, PING};
use super::send_error::SendError;
use crate::client::Client;
use crate::ownership::guard;

/// Timeout for the close frame of the target.
pub(super) const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Maximum length of a recorded close reason, in characters.
const LONGEST_REASON: usize = 200;

/// The type of events with a message, whose id later requests may use.
pub(super) const MESSAGE: &str = "chat_message";

/// A connection that one task reads while others write.
pub(crate) type Shareable = WebSocketStream<Adapted>;

/// An open connection to a room; dropping it closes it. Section *WebSocket Protocol*.
pub struct Socket {
    pub(super) shared: Arc<Shared>,
}

/// State shared by the socket and its reading task.
pub(super) struct Shared {
    pub(super) client: Arc<Client>,
    pub(super) connection: ConnectionId,
    room: RoomId,
    scenario: ScenarioName,
    writer: tokio::sync::Mutex<SplitSink<Shareable, Message>>,
    /// Switches the masks of written frames off.
    pub(super) unmasked: Arc<AtomicBool>,
    pub(super) log: Mutex<Log>,
    /// Notified of frames and of the end of the connection.
    pub(super) changed: Notify,
    /// Notified when the socket is to be closed.
    pub(super) stop: Notify,
}

impl Socket {
    pub(crate) fn start(
        client: &Arc<Client>,
        connection: ConnectionId,
        room: RoomId,
        scenario: ScenarioName,
        socket: Shareable,
    ) -> Self {
        let unmasked = socket.get_ref().unmasked();
        let (writer, reader) = socket.split();
        let shared = Arc::new(Shared {
            client: client.clone(),
            connection,
            room,
            scenario,
            writer: tokio::sync::Mutex::new(writer),
            unmasked,
            log: Mutex::default(),
            changed: Notify::new(),
            stop: Notify::new(),
        });
        tokio::spawn(shared.clone().run(reader));
        Self { shared }
    }

    /// Number of the connection in the history.
    pub fn connection(&self) -> ConnectionId {
        self.shared.connection
    }

    /// Sends a text frame, which is recorded before it is written.
    ///
    /// # Errors
    /// If it names something that the run did not create, or cannot be written.
    pub async fn send_text(&self, text: &str) -> Result<(), SendError> {
        self.shared.check(text)?;
        self.shared.send(Payload::from(text), Message::text(text)).await
    }

    /// Sends a binary frame, which is recorded before it is written.
    ///
    /// # Errors
    /// As [`send_text`](Self::send_text).
    pub async fn send_binary(&self, bytes: &[u8]) -> Result<(), SendError> {
        self.shared.check(&String::from_utf8_lossy(bytes))?;
        self.shared.send(Payload::binary(bytes), Message::binary(bytes.to_vec())).await
    }

    /// Number of text frames received, which is the position of the next one.
    pub fn received_count(&self) -> usize {
        self.shared.log.lock().frames.len()
    }

    /// Returns whether the connection has ended.
    pub fn is_closed(&self) -> bool {
        self.shared.log.lock().closed
    }

    /// The close code, if there was one, of a connection that hearback did not end; `None` for others.
    pub fn lost_with(&self) -> Option<Option<u16>> {
        self.shared.log.lock().lost
    }

    /// Returns whether hearback closed the connection because its frames exceeded a bound.
    pub fn was_cut(&self) -> bool {
        self.shared.log.lock().cut
    }

    /// Waits for the end of the connection; `false` after `timeout`.
    pub async fn wait_closed(&self, timeout: Duration) -> bool {
        self.shared.wait_until(timeout, |log| log.closed).await
    }

    /// Closes the connection normally, and waits for the target to do the same.
    pub async fn close(&self) {
        self.shared.stop.notify_one();
        self.shared.wait_until(2 * CLOSE_TIMEOUT, |log| log.finished).await;
    }

    pub(super) fn frame(&self, position: usize) -> Option<Arc<str>> {
        self.shared.log.lock().frames.get(position).cloned()
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.shared.stop.notify_one();
    }
}

impl Shared {
    fn check(&self, frame: &str) -> Result<(), SendError> {
        guard::check_frame(&self.client.ownership, frame).map_err(|it| SendError::NotOurs(it.text))
    }

    async fn send(&self, frame: Payload, message: Message) -> Result<(), SendError> {
        self.write(Some(frame), vec![message]).await
    }

    /// Writes messages; records `frame`, if any, before.
    pub(super) async fn write(
        &self,
        frame: Option<Payload>,
        messages: Vec<Message>,
    ) -> Result<(), SendError> {
        let timeout = self.client.limits.timeout;
        let write = async {
            let mut writer = self.writer.lock().await;
            {
                // Under the lock, so that no frame is recorded after the end of the connection.
                let log = self.log.lock();
                if log.closed {
                    return Err(SendError::Closed);
                }
                let connection = self.connection;
                tracing::trace!(connection = connection.0, frames = messages.len(), "frames sent");
                if let Some(frame) = frame {
                    self.client.recorder.record(EventKind::Sent { connection, frame });
                }
                self.client.settling.wrote(&self.scenario);
            }
            for message in messages {
                writer.send(message).await.map_err(|error| {
                    SendError::Broken(escape(
                        &self.client.recorder.redacted(&error.to_string()),
                        LONGEST_REASON,
                    ))
                })?;
            }
            Ok(())
        };
        self.client
            .stalls
            .timeout(timeout, write)
            .await
            .unwrap_or(Err(SendError::TimedOut(timeout)))
    }

    /// Reads until the connection ends or the socket is to be closed.
    async fn run(self: Arc<Self>, mut reader: SplitStream<Shareable>) {
        loop {
            let next = tokio::select! {
                next = reader.next() => next,
                () = self.stop.notified() => {
                    // Recorded first: frames that arrive from now on are ignored.
                    self.end(CloseOrigin::Client, Some(1000), "");
                    break;
                }
            };
            if self.take(next).is_break() {
                break;
            }
        }
        let limit = match self.log.lock().probes_close {
            true => self.client.limits.timeout,
            false => CLOSE_TIMEOUT,
        };
        let exchanged = timeout(limit, self.exchange_close(&mut reader)).await;
        {
            let mut log = self.log.lock();
            log.close_timed_out = exchanged.is_err();
            log.finished = true;
        }
        self.changed.notify_waiters();
    }

    /// Records a frame or the end of the connection, after which reading stops.
    fn take(&self, next: Option<Result<Message, SocketError>>) -> ControlFlow<()> {
        let message = match next {
            Some(Ok(message)) => message,
            // The frame exceeds the limit of the client, not one of the API.
            Some(Err(SocketError::Capacity(error))) => return self.cut(&error.to_string()),
            Some(Err(error)) => {
                self.end(close_origin(&error), None, &error.to_string());
                return ControlFlow::Break(());
            }
            None => {
                self.end(CloseOrigin::Broken, None, "the stream ended without a close frame");
                return ControlFlow::Break(());
            }
        };
        let length = message.len();
        tracing::trace!(connection = self.connection.0, bytes = length, "frame received");
        let storage = self.client.recorder.storage();
        if length > LARGE && !storage.keep_large(length) {
            return self.cut("the run keeps no more large frames");
        }
        match message {
            Message::Text(text) => self.receive(Payload::from(text.as_str()), Some(text.as_str())),
            Message::Binary(bytes) => self.receive(Payload::binary(&bytes), None),
            Message::Close(Some(frame)) if has_forbidden_code(&frame) => {
                let error = "it sent a close code that RFC 6455 forbids";
                self.end(CloseOrigin::InvalidFrame, None, error);
                return ControlFlow::Break(());
            }
            Message::Close(frame) => {
                let (code, reason) = match &frame {
                    Some(frame) => (Some(u16::from(frame.code)), frame.reason.as_str()),
                    None => (None, ""),
                };
                self.end(CloseOrigin::Server, code, reason);
                return ControlFlow::Break(());
            }
            Message::Ping(_) | Message::Pong(_) => {
                let is_answer = matches!(&message, Message::Pong(it) if it.as_ref() == PING);
                {
                    let mut log = self.log.lock();
                    log.controls += 1;
                    log.pongs += usize::from(is_answer);
                }
                self.changed.notify_waiters();
            }
            Message::Frame(_) => {}
        }
        {
            let mut log = self.log.lock();
            log.taken += 1;
            log.bytes += length;
        }
        let excess = self.log.lock().excess(&self.client.limits);
        if let Some(excess) = excess {
            return self.cut(&format!("it exceeded {excess}"));
        }
        if self.client.recorder.storage().is_full() {
            return self.cut("the run keeps no more events");
        }
        ControlFlow::Continue(())
    }

    /// Ends a connection whose frames exceed a bound. It counts as closed by hearback, so that no later event is
    /// expected on it.
    fn cut(&self, reason: &str) -> ControlFlow<()> {
        self.log.lock().cut = true;
        let reason = format!("hearback closed the connection: {reason}");
        self.end(CloseOrigin::Client, None, &reason);
        ControlFlow::Break(())
    }

    fn receive(&self, frame: Payload, text: Option<&str>) {
        let connection = self.connection;
        self.client.recorder.record(EventKind::Received { connection, frame });
        // An event tells of a write.
        self.client.settling.wrote(&self.scenario);
        if let Some(text) = text {
            if text.contains(MESSAGE)
                && let Some(event) = json_extent::parse(text.as_bytes())
            {
                self.client.ownership.learn(&event, Some(&self.room));
            }
            self.log.lock().frames.push(text.into());
            self.changed.notify_waiters();
        }
    }

    fn end(&self, by: CloseOrigin, code: Option<u16>, reason: &str) {
        tracing::debug!(connection = self.connection.0, ?by, code, "socket closed");
        // Redacted before it is cut.
        let reason = self.client.recorder.redacted(reason);
        let mut log = self.log.lock();
        log.closed = true;
        log.lost = (by != CloseOrigin::Client).then_some(code);
        self.client.recorder.record(EventKind::Closed {
            connection: self.connection,
            by,
            code,
            reason: escape(&reason, LONGEST_REASON),
        });
        drop(log);
        self.changed.notify_waiters();
    }

    /// Sends a close frame and waits for that of the target.
    async fn exchange_close(&self, reader: &mut SplitStream<Shareable>) {
        let flooded = self.log.lock().cut;
        let code = if flooded { CloseCode::Policy } else { CloseCode::Normal };
        let frame = CloseFrame { code, reason: "".into() };
        // An error means that the target closed the connection first, or is gone.
        let _ended = self.writer.lock().await.send(Message::Close(Some(frame))).await;
        // Reading also answers the close frame of the target.
        while !flooded && let Some(Ok(message)) = reader.next().await {
            if let Message::Close(answer) = message {
                let code = answer.map(|frame| u16::from(frame.code));
                self.log.lock().close_answer = Some(code);
            }
        }
    }

    pub(super) async fn wait_until(
        &self,
        timeout: Duration,
        reached: impl Fn(&Log) -> bool,
    ) -> bool {
        let wait = async {
            loop {
                let changed = self.changed.notified();
                if reached(&self.log.lock()) {
                    return;
                }
                changed.await;
            }
        };
        self.client.stalls.timeout(timeout, wait).await.is_some()
    }
}
