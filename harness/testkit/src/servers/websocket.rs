//! WebSocket handshakes without a WebSocket connection.

use std::io::{self, Write as _};
use std::net::TcpStream;

use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::http::{RequestHead, read_request};

/// Reads a handshake and accepts it; the caller writes the frames.
///
/// # Errors
/// If the request is not a handshake, or the stream breaks.
pub fn accept_handshake(stream: &mut TcpStream) -> io::Result<()> {
    let head = read_request(stream)?;
    accept(stream, &head)
}

/// Accepts a handshake that was read.
pub(super) fn accept(stream: &mut TcpStream, head: &RequestHead) -> io::Result<()> {
    let key = head.header("sec-websocket-key").ok_or(io::ErrorKind::InvalidData)?;
    write!(
        stream,
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Accept: {}\r\n\r\n",
        derive_accept_key(key.as_bytes())
    )
}
