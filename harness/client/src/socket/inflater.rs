//! Compressed messages of a target (RFC 7692), which the library does not read.

use std::io::Cursor;

use flate2::{Decompress, FlushDecompress, Status};
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

/// The last bytes of each compressed message, which are not sent. RFC 7692, section 7.2.1.
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

/// A message that is not what compression makes, or is too long.
#[derive(Debug, thiserror::Error)]
#[error("it sent a compressed message that cannot be decompressed")]
pub(super) struct InvalidCompression;

/// Replaces compressed messages in a stream of frames by uncompressed ones.
pub(super) struct Inflater {
    /// Maximum length of a message before and after decompression, in bytes.
    limit: usize,
    /// The beginning of a frame whose end has not arrived.
    pending: Vec<u8>,
    /// The compressed message whose last fragment has not arrived.
    message: Option<(OpCode, Vec<u8>)>,
    decompress: Decompress,
    /// True if the rest of the stream is passed on unchanged, because it is not valid.
    is_plain: bool,
}

impl Inflater {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            pending: Vec::new(),
            message: None,
            decompress: Decompress::new(false),
            is_plain: false,
        }
    }

    /// Takes bytes of the target, and appends those to pass on to `passed`.
    pub(super) fn take(
        &mut self,
        bytes: &[u8],
        passed: &mut Vec<u8>,
    ) -> Result<(), InvalidCompression> {
        if self.is_plain {
            passed.extend_from_slice(bytes);
            return Ok(());
        }
        self.pending.extend_from_slice(bytes);
        loop {
            let mut cursor = Cursor::new(self.pending.as_slice());
            let (header, length) = match FrameHeader::parse(&mut cursor) {
                Ok(Some(parsed)) => parsed,
                Ok(None) => return Ok(()),
                Err(_) => {
                    self.give_up(passed);
                    return Ok(());
                }
            };
            let Some(length) = usize::try_from(length).ok().filter(|it| *it <= self.limit) else {
                self.give_up(passed);
                return Ok(());
            };
            let begin = usize::try_from(cursor.position()).unwrap_or(usize::MAX);
            if self.pending.len() < begin + length {
                return Ok(());
            }
            let frame: Vec<u8> = self.pending.drain(..begin + length).collect();
            self.frame(&header, &frame, begin, passed)?;
        }
    }

    /// The library reports what is wrong with the frame.
    fn give_up(&mut self, passed: &mut Vec<u8>) {
        self.is_plain = true;
        passed.append(&mut self.pending);
    }

    fn frame(
        &mut self,
        header: &FrameHeader,
        frame: &[u8],
        begin: usize,
        passed: &mut Vec<u8>,
    ) -> Result<(), InvalidCompression> {
        let is_continuation = header.opcode == OpCode::Data(Data::Continue);
        let is_compressed = match header.opcode {
            OpCode::Data(Data::Text | Data::Binary) => header.rsv1,
            _ => is_continuation && self.message.is_some() && !header.rsv1,
        };
        if !is_compressed {
            passed.extend_from_slice(frame);
            return Ok(());
        }
        if !is_continuation {
            self.message = Some((header.opcode, Vec::new()));
        }
        let Some((_, compressed)) = &mut self.message else { return Ok(()) };
        compressed.extend_from_slice(&frame[begin..]);
        if compressed.len() > self.limit {
            return Err(InvalidCompression);
        }
        if let Some((opcode, compressed)) = self.message.take_if(|_| header.is_final) {
            let text = self.inflate(compressed)?;
            let plain = FrameHeader { opcode, rsv1: false, mask: None, ..header.clone() };
            plain.format(text.len() as u64, passed).map_err(|_| InvalidCompression)?;
            passed.extend_from_slice(&text);
        }
        Ok(())
    }

    fn inflate(&mut self, mut compressed: Vec<u8>) -> Result<Vec<u8>, InvalidCompression> {
        compressed.extend_from_slice(&TAIL);
        let (mut rest, mut text) = (compressed.as_slice(), Vec::with_capacity(256));
        loop {
            let before = self.decompress.total_in();
            let status = self
                .decompress
                .decompress_vec(rest, &mut text, FlushDecompress::Sync)
                .map_err(|_| InvalidCompression)?;
            let taken = self.decompress.total_in() - before;
            rest = rest.get(usize::try_from(taken).unwrap_or(usize::MAX)..).unwrap_or_default();
            if text.len() > self.limit {
                return Err(InvalidCompression);
            }
            match status {
                Status::StreamEnd => self.decompress.reset(false),
                _ if text.len() == text.capacity() => text.reserve(text.len()),
                _ if rest.is_empty() => return Ok(text),
                _ if taken == 0 => return Err(InvalidCompression),
                _ => {}
            }
            if rest.is_empty() && status == Status::StreamEnd {
                return Ok(text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Compress, Compression, FlushCompress};

    use super::*;

    /// A text frame with the content of `text` as `compress` returns it.
    fn compressed(compress: &mut Compress, text: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(text.len() + 100);
        compress.compress_vec(text.as_bytes(), &mut bytes, FlushCompress::Sync).unwrap();
        bytes.truncate(bytes.len() - TAIL.len());
        frame(0xc1, &bytes)
    }

    fn frame(first: u8, content: &[u8]) -> Vec<u8> {
        [&[first, u8::try_from(content.len()).unwrap()][..], content].concat()
    }

    #[test]
    fn messages_are_decompressed_with_the_window_of_earlier_ones() {
        let mut compress = Compress::new(Compression::default(), false);
        let texts = ["a message a message", "a message a message", "short"];
        let frames: Vec<u8> =
            texts.iter().flat_map(|text| compressed(&mut compress, text)).collect();
        let (mut inflater, mut passed) = (Inflater::new(1_000), Vec::new());
        frames.iter().for_each(|byte| inflater.take(&[*byte], &mut passed).unwrap());
        let expected: Vec<u8> =
            texts.iter().flat_map(|text| frame(0x81, text.as_bytes())).collect();
        assert_eq!(passed, expected);
    }

    #[test]
    fn fragments_are_one_message_and_control_frames_pass() {
        let mut compress = Compress::new(Compression::default(), false);
        let whole = compressed(&mut compress, "in two fragments");
        let (first, last) = whole[2..].split_at(4);
        let frames = [frame(0x41, first), frame(0x89, b"ping"), frame(0x80, last)].concat();
        let (mut inflater, mut passed) = (Inflater::new(1_000), Vec::new());
        inflater.take(&frames, &mut passed).unwrap();
        assert_eq!(passed, [frame(0x89, b"ping"), frame(0x81, b"in two fragments")].concat());
    }

    #[test]
    fn other_bytes_and_long_messages_cannot_be_decompressed() {
        let take = |limit, bytes: &[u8]| Inflater::new(limit).take(bytes, &mut Vec::new());
        assert!(take(1_000, &frame(0xc1, b"\x7f\"type\": \"error\"}")).is_err());
        let mut compress = Compress::new(Compression::best(), false);
        assert!(take(1_000, &compressed(&mut compress, &"x".repeat(100_000))).is_err());
    }

    #[test]
    fn other_frames_pass_unchanged() {
        let frames = [frame(0x81, b"text"), frame(0xa1, b"reserved"), frame(0x83, b"x")].concat();
        let (mut inflater, mut passed) = (Inflater::new(1_000), Vec::new());
        inflater.take(&frames, &mut passed).unwrap();
        assert_eq!(passed, frames);
    }
}
