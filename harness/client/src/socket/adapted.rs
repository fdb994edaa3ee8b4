//! The stream below a shared socket: it carries frames that the library neither writes nor reads.

use std::io::{self, Cursor};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;

use super::inflater::Inflater;
use super::raw::Stream;

/// Size of the buffer for compressed data, in bytes.
const BUFFER: usize = 4 << 10;

/// Last bytes of the response to a handshake.
const HEAD_END: &[u8] = b"\r\n\r\n";

/// Maximum length of the response to a handshake, in bytes; the library accepts less.
const LONGEST_HEAD: usize = 256 << 10;

/// The extension of RFC 7692.
pub(super) const DEFLATE: &str = "permessage-deflate";

/// A stream whose frames may be sent without a mask, and received compressed.
pub(crate) struct Adapted {
    stream: Stream,
    unmasked: Arc<AtomicBool>,
    /// Bytes to write in place of those of the library, and the number of the latter.
    outgoing: (Vec<u8>, usize),
    incoming: Incoming,
    /// Bytes to read that have been processed.
    ready: Vec<u8>,
    /// Frames that arrived with the response to the handshake, which is read first.
    first_frames: Vec<u8>,
}

/// The data of the target.
enum Incoming {
    /// It is passed on unchanged.
    Plain,
    /// The response to a handshake that offers compression.
    Head(Vec<u8>, Inflater),
    /// Frames that may be compressed.
    Compressed(Inflater),
}

impl Adapted {
    /// A stream before the handshake; `limit` is the maximum length of a compressed message if the handshake offers
    /// compression.
    pub(super) fn new(stream: Stream, limit: Option<usize>) -> Self {
        let incoming = match limit {
            Some(limit) => Incoming::Head(Vec::new(), Inflater::new(limit)),
            None => Incoming::Plain,
        };
        Self {
            stream,
            unmasked: Arc::default(),
            outgoing: (Vec::new(), 0),
            incoming,
            ready: Vec::new(),
            first_frames: Vec::new(),
        }
    }

    /// The switch that sends frames without a mask.
    pub(super) fn unmasked(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.unmasked)
    }

    /// Returns whether the target accepted compression.
    pub(super) fn is_compressed(&self) -> bool {
        matches!(self.incoming, Incoming::Compressed(_))
    }

    /// Processes data of the target.
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        let invalid = |error| io::Error::new(io::ErrorKind::InvalidData, error);
        match std::mem::replace(&mut self.incoming, Incoming::Plain) {
            Incoming::Plain => self.ready.extend_from_slice(bytes),
            Incoming::Compressed(mut inflater) => {
                let taken = inflater.take(bytes, &mut self.ready);
                self.incoming = Incoming::Compressed(inflater);
                taken.map_err(invalid)?;
            }
            Incoming::Head(mut head, inflater) => {
                head.extend_from_slice(bytes);
                let end = head.windows(HEAD_END.len()).position(|part| part == HEAD_END);
                match end.map(|end| end + HEAD_END.len()) {
                    Some(end) => {
                        let frames = head.split_off(end);
                        let is_accepted = accepts_compression(&head);
                        self.ready.append(&mut head);
                        if is_accepted {
                            self.first_frames = frames;
                            self.incoming = Incoming::Compressed(inflater);
                        } else {
                            self.ready.extend_from_slice(&frames);
                        }
                    }
                    None if head.len() > LONGEST_HEAD => self.ready.append(&mut head),
                    None => self.incoming = Incoming::Head(head, inflater),
                }
            }
        }
        Ok(())
    }
}

/// Returns whether the response to a handshake accepts compression.
fn accepts_compression(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.any(|(name, value)| name == "sec-websocket-extensions" && value.contains(DEFLATE))
}

/// The frames without their masks; incomplete ones are unchanged.
fn without_masks(mut bytes: &[u8]) -> Vec<u8> {
    let mut frames = Vec::with_capacity(bytes.len());
    let mut cursor = Cursor::new(bytes);
    while let Ok(Some((header, length))) = FrameHeader::parse(&mut cursor) {
        let begin = usize::try_from(cursor.position()).unwrap_or(usize::MAX);
        let end = begin.saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
        let (Some(mask), Some(payload)) = (header.mask, bytes.get(begin..end)) else { break };
        let plain = FrameHeader { mask: None, ..header };
        if plain.format(length, &mut frames).is_err() {
            break;
        }
        frames.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        bytes = &bytes[end..];
        cursor = Cursor::new(bytes);
    }
    frames.extend_from_slice(bytes);
    frames
}

impl AsyncRead for Adapted {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        while this.ready.is_empty() {
            if matches!(this.incoming, Incoming::Plain) {
                return Pin::new(&mut this.stream).poll_read(context, buffer);
            }
            if !this.first_frames.is_empty() {
                let frames = std::mem::take(&mut this.first_frames);
                this.take(&frames)?;
                continue;
            }
            let mut bytes = [0; BUFFER];
            let mut received = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut this.stream).poll_read(context, &mut received))?;
            if received.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            this.take(received.filled())?;
        }
        let length = this.ready.len().min(buffer.remaining());
        buffer.put_slice(&this.ready[..length]);
        this.ready.drain(..length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Adapted {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let (outgoing, accepted) = &mut this.outgoing;
        if outgoing.is_empty() {
            if !this.unmasked.load(Ordering::Relaxed) {
                return Pin::new(&mut this.stream).poll_write(context, bytes);
            }
            (*outgoing, *accepted) = (without_masks(bytes), bytes.len());
        }
        while !outgoing.is_empty() {
            let written = ready!(Pin::new(&mut this.stream).poll_write(context, outgoing))?;
            if written == 0 {
                return Poll::Ready(Ok(0));
            }
            outgoing.drain(..written);
        }
        Poll::Ready(Ok(*accepted))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_removed_from_whole_frames() {
        let masked = [0x81, 0x82, 1, 2, 3, 4, b'a' ^ 1, b'b' ^ 2];
        assert_eq!(without_masks(&masked), [0x81, 2, b'a', b'b']);
        assert_eq!(without_masks(&[masked, masked].concat()), [0x81, 2, b'a', b'b'].repeat(2));
        assert_eq!(without_masks(&masked[..7]), masked[..7]);
    }

    #[test]
    fn compression_is_accepted_by_a_header() {
        let head = |line: &str| format!("HTTP/1.1 101 Switching Protocols\r\n{line}\r\n\r\n");
        let accepted =
            head("Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10");
        assert!(accepts_compression(accepted.as_bytes()));
        assert!(!accepts_compression(head("X-Extensions: permessage-deflate").as_bytes()));
    }
}
