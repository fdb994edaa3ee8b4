//! Sockets with one owner, which reads, writes and waits on one task.

use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use hearback_history::ConnectionId;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::tungstenite::handshake::HandshakeError;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{ClientHandshake, Error, Message, WebSocket};

use crate::connection::Transport;

/// The stream under a socket, with or without TLS.
pub(crate) type Stream = MaybeTlsStream<Transport>;

/// An open socket without a reading task.
///
/// tokio-tungstenite lets two tasks share a connection, so each frame clones and wakes two wakers behind
/// reference counts: a tenth of the cost of a delivery in a swarm. A socket with one owner needs one waker.
pub struct RawSocket {
    socket: WebSocket<Owned>,
    /// Its number in logs.
    connection: ConnectionId,
}

/// A stream that returns "would block" instead of waiting, and wakes its owner when it is ready.
struct Owned {
    stream: Stream,
    owner: Waker,
}

impl RawSocket {
    /// Upgrades a stream. Section *Connection*.
    pub(crate) async fn upgrade(
        request: Request,
        stream: Stream,
        config: WebSocketConfig,
        connection: ConnectionId,
    ) -> Result<Self, Error> {
        let owned = Owned { stream, owner: Waker::noop().clone() };
        let mut begun = Some(ClientHandshake::start(owned, request, Some(config))?);
        std::future::poll_fn(|context| {
            let Some(mut handshake) = begun.take() else { return Poll::Pending };
            handshake.get_mut().get_mut().set_owner(context.waker());
            match handshake.handshake() {
                Ok((socket, _)) => Poll::Ready(Ok(Self { socket, connection })),
                Err(HandshakeError::Failure(error)) => Poll::Ready(Err(error)),
                Err(HandshakeError::Interrupted(handshake)) => {
                    begun = Some(handshake);
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// The next frame, control frames included; [`Error::ConnectionClosed`] when there are no more.
    pub fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<Result<Message, Error>> {
        self.socket.get_mut().set_owner(context.waker());
        let outcome = unless_blocked(self.socket.read());
        match &outcome {
            Poll::Pending => {}
            Poll::Ready(Ok(Message::Close(_)) | Err(_)) => {
                tracing::debug!(connection = self.connection.0, "socket closed");
            }
            Poll::Ready(Ok(message)) => {
                tracing::trace!(
                    connection = self.connection.0,
                    bytes = message.len(),
                    "frame received"
                );
            }
        }
        outcome
    }

    /// Buffers a frame, and writes as much as the system accepts.
    ///
    /// # Errors
    /// [`Error::WriteBufferFull`] if the buffer is full; others if the connection is broken.
    pub fn write(&mut self, message: Message) -> Result<(), Error> {
        tracing::trace!(connection = self.connection.0, bytes = message.len(), "frame sent");
        match unless_blocked(self.socket.write(message)) {
            Poll::Ready(outcome) => outcome,
            // The frame is buffered.
            Poll::Pending => Ok(()),
        }
    }

    /// Writes the buffered frames.
    pub fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.socket.get_mut().set_owner(context.waker());
        unless_blocked(self.socket.flush())
    }
}

fn unless_blocked<T>(outcome: Result<T, Error>) -> Poll<Result<T, Error>> {
    match outcome {
        Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
        outcome => Poll::Ready(outcome),
    }
}

impl Owned {
    fn set_owner(&mut self, owner: &Waker) {
        self.owner.clone_from(owner);
    }

    /// Polls the stream with the waker of the owner.
    fn poll<T>(
        &mut self,
        operation: impl FnOnce(Pin<&mut Stream>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> io::Result<T> {
        let mut context = Context::from_waker(&self.owner);
        match operation(Pin::new(&mut self.stream), &mut context) {
            Poll::Ready(result) => result,
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

impl Read for Owned {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.poll(|stream, context| {
            let mut buffer = ReadBuf::new(buffer);
            ready!(stream.poll_read(context, &mut buffer))?;
            Poll::Ready(Ok(buffer.filled().len()))
        })
    }
}

impl Write for Owned {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.poll(|stream, context| stream.poll_write(context, bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.poll(|stream, context| stream.poll_flush(context))
    }
}
