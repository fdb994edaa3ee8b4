//! A connection with one owner, who reads it, writes to it and waits for it on one task.

use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::tungstenite::handshake::HandshakeError;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{ClientHandshake, Error, Message, WebSocket};

/// Bytes to the target and back, encrypted where its URL says so.
pub(crate) type Stream = MaybeTlsStream<TcpStream>;

/// A connection after its handshake, with nobody reading it yet.
///
/// tokio-tungstenite lets two tasks share a connection, for which every frame takes and wakes two wakers behind
/// reference counts of their own: a tenth of a delivery's cost in a swarm. Who owns a connection alone needs one.
pub struct RawSocket(WebSocket<Owned>);

/// A stream that answers "would block", and then wakes its owner when it would not any more.
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
    ) -> Result<Self, Error> {
        let owned = Owned { stream, owner: Waker::noop().clone() };
        let mut begun = Some(ClientHandshake::start(owned, request, Some(config))?);
        std::future::poll_fn(|context| {
            let Some(mut handshake) = begun.take() else { return Poll::Pending };
            handshake.get_mut().get_mut().belong_to(context.waker());
            match handshake.handshake() {
                Ok((socket, _)) => Poll::Ready(Ok(Self(socket))),
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
        self.0.get_mut().belong_to(context.waker());
        unless_blocked(self.0.read())
    }

    /// Takes a frame to be written, and writes what the system takes now.
    ///
    /// # Errors
    /// [`Error::WriteBufferFull`] if too much is waiting already; others if the connection is broken.
    pub fn write(&mut self, message: Message) -> Result<(), Error> {
        match unless_blocked(self.0.write(message)) {
            Poll::Ready(outcome) => outcome,
            // It was taken, and waits.
            Poll::Pending => Ok(()),
        }
    }

    /// Writes what is waiting.
    pub fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.0.get_mut().belong_to(context.waker());
        unless_blocked(self.0.flush())
    }
}

fn unless_blocked<T>(outcome: Result<T, Error>) -> Poll<Result<T, Error>> {
    match outcome {
        Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
        outcome => Poll::Ready(outcome),
    }
}

impl Owned {
    fn belong_to(&mut self, owner: &Waker) {
        self.owner.clone_from(owner);
    }

    /// Asks the stream, on behalf of the owner.
    fn ask<T>(
        &mut self,
        question: impl FnOnce(Pin<&mut Stream>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> io::Result<T> {
        let mut context = Context::from_waker(&self.owner);
        match question(Pin::new(&mut self.stream), &mut context) {
            Poll::Ready(answer) => answer,
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

impl Read for Owned {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.ask(|stream, context| {
            let mut buffer = ReadBuf::new(buffer);
            ready!(stream.poll_read(context, &mut buffer))?;
            Poll::Ready(Ok(buffer.filled().len()))
        })
    }
}

impl Write for Owned {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.ask(|stream, context| stream.poll_write(context, bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.ask(|stream, context| stream.poll_flush(context))
    }
}
