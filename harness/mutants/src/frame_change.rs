//! Changes of the frames of sockets (RFC 6455), which the library of the server does not allow.

/// A change of the frames of sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameChange {
    /// Pongs of the server are lost.
    LosePongs,
    /// Close frames of the server are lost.
    LoseCloses,
    /// Close codes of the server are replaced.
    ReplaceCloseCodes { from: &'static [u16], to: u16 },
    /// Messages of clients in several frames are lost.
    LoseFragments,
    /// Text frames of clients that are not UTF-8 are ignored.
    IgnoreInvalidText,
    /// Frames of clients with reserved bits or opcodes are ignored.
    IgnoreReserved,
    /// Frames of clients without a mask are read as others.
    ReadUnmasked,
    /// Confirmations of the server have a reserved bit.
    SetReservedBit,
    /// Offers of compression are accepted, and texts of the server are marked as compressed although they are not.
    DamageCompression,
}

/// A frame, without its mask.
pub(crate) struct RawFrame<'a> {
    /// The whole frame. The first byte: the final bit, three reserved bits, and the opcode.
    bytes: &'a mut Vec<u8>,
    /// Length of its header.
    header: usize,
    /// The payload.
    payload: Vec<u8>,
}

const FINAL: u8 = 0x80;
const RESERVED_BITS: u8 = 0x70;
const FIRST_RESERVED_BIT: u8 = 0x40;
const CONTINUATION: u8 = 0x0;
const TEXT: u8 = 0x1;
const CLOSE: u8 = 0x8;
const PONG: u8 = 0xa;
const MASK_BIT: u8 = 0x80;
const NO_MASK: [u8; 4] = [0; 4];

/// The type of a block of compressed data that RFC 1951 reserves.
const INVALID_BLOCK: u8 = 0x06;

impl FrameChange {
    /// Changes a frame of the client; returns whether it is passed on.
    fn of_client(self, frame: &mut RawFrame<'_>) -> bool {
        let first = frame.bytes[0];
        let (opcode, is_final) = (first & 0xf, first & FINAL != 0);
        match self {
            Self::LoseFragments => is_final && opcode != CONTINUATION,
            Self::IgnoreInvalidText => {
                opcode != TEXT || std::str::from_utf8(&frame.payload).is_ok()
            }
            Self::IgnoreReserved => first & RESERVED_BITS == 0 && !matches!(opcode, 3..=7 | 11..),
            Self::ReadUnmasked => {
                if frame.bytes[1] & MASK_BIT == 0 {
                    frame.bytes[1] |= MASK_BIT;
                    frame.bytes.splice(frame.header..frame.header, NO_MASK);
                }
                true
            }
            Self::LosePongs
            | Self::LoseCloses
            | Self::ReplaceCloseCodes { .. }
            | Self::SetReservedBit
            | Self::DamageCompression => true,
        }
    }

    /// Changes a frame of the server; returns whether it is passed on.
    fn of_server(self, frame: &mut RawFrame<'_>) -> bool {
        let opcode = frame.bytes[0] & 0xf;
        match self {
            Self::LosePongs => opcode != PONG,
            Self::LoseCloses => opcode != CLOSE,
            Self::ReplaceCloseCodes { from, to } => {
                if opcode == CLOSE
                    && let Some(code) = frame.payload.first_chunk().copied()
                    && from.contains(&u16::from_be_bytes(code))
                {
                    frame.bytes[frame.header..frame.header + 2].copy_from_slice(&to.to_be_bytes());
                }
                true
            }
            Self::SetReservedBit => {
                let confirmation = b"room_marked_read";
                let is_confirmation =
                    frame.payload.windows(confirmation.len()).any(|part| part == confirmation);
                if is_confirmation {
                    frame.bytes[0] |= FIRST_RESERVED_BIT;
                }
                true
            }
            Self::DamageCompression => {
                if opcode == TEXT && !frame.payload.is_empty() {
                    frame.bytes[0] |= FIRST_RESERVED_BIT;
                    frame.bytes[frame.header] |= INVALID_BLOCK;
                }
                true
            }
            Self::LoseFragments
            | Self::IgnoreInvalidText
            | Self::IgnoreReserved
            | Self::ReadUnmasked => true,
        }
    }
}

/// One direction of a socket, as a stream of bytes.
pub(crate) struct FrameStream {
    change: FrameChange,
    is_of_client: bool,
    /// The beginning of a frame whose end has not arrived.
    pending: Vec<u8>,
}

impl FrameStream {
    /// The direction from the client, or to it.
    pub(crate) fn new(change: FrameChange, is_of_client: bool) -> Self {
        Self { change, is_of_client, pending: Vec::new() }
    }

    /// Takes bytes, and returns those to pass on.
    pub(crate) fn pass(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.pending.extend_from_slice(bytes);
        let mut passed = Vec::new();
        while let Some((header, end)) = extent(&self.pending) {
            let mut frame: Vec<u8> = self.pending.drain(..end).collect();
            let payload = unmasked(&frame, header);
            let mut raw = RawFrame { bytes: &mut frame, header, payload };
            let is_passed = match self.is_of_client {
                true => self.change.of_client(&mut raw),
                false => self.change.of_server(&mut raw),
            };
            if is_passed {
                passed.append(&mut frame);
            }
        }
        passed
    }
}

/// The lengths of the header and of the whole first frame, if it is complete.
fn extent(bytes: &[u8]) -> Option<(usize, usize)> {
    let second = usize::from(*bytes.get(1)?);
    let mask: usize = if second & 0x80 == 0 { 0 } else { 4 };
    let number = |range: std::ops::Range<usize>| {
        let digits = bytes.get(range)?;
        Some(digits.iter().fold(0_usize, |number, digit| number << 8 | usize::from(*digit)))
    };
    let (header, length) = match second & 0x7f {
        126 => (4, number(2..4)?),
        127 => (10, number(2..10)?),
        length => (2, length),
    };
    let end = (header + mask).checked_add(length)?;
    (bytes.len() >= end).then_some((header + mask, end))
}

fn unmasked(frame: &[u8], header: usize) -> Vec<u8> {
    let payload = frame[header..].iter();
    match frame[1] & 0x80 {
        0 => payload.copied().collect(),
        _ => {
            let mask = &frame[header - 4..header];
            payload.zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A short frame of a client, whose mask is zero.
    fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
        let length = u8::try_from(payload.len()).unwrap();
        [&[first, 0x80 | length, 0, 0, 0, 0], payload].concat()
    }

    fn passed(change: FrameChange, frames: &[Vec<u8>]) -> Vec<u8> {
        // Byte by byte: frames arrive in any pieces.
        let mut stream = FrameStream::new(change, true);
        frames.concat().iter().flat_map(|byte| stream.pass(&[*byte])).collect()
    }

    #[test]
    fn frames_are_lost_whole() {
        let (text, first, ping, last) =
            (masked(0x81, b"ab"), masked(0x01, b"a"), masked(0x89, b""), masked(0x80, b"b"));
        let all = [first, ping.clone(), last, text.clone()];
        assert_eq!(passed(FrameChange::LoseFragments, &all), [ping, text.clone()].concat());
        let invalid = [masked(0x81, b"\xff"), text.clone(), masked(0xc1, b"x"), masked(0x83, b"")];
        assert_eq!(passed(FrameChange::IgnoreReserved, &invalid), invalid[..2].concat());
        assert_eq!(passed(FrameChange::IgnoreInvalidText, &invalid), invalid[1..].concat());
        assert_eq!(
            passed(FrameChange::ReadUnmasked, &[vec![0x81, 2, b'a', b'b']]),
            masked(0x81, b"ab")
        );
    }

    #[test]
    fn frames_of_the_server_are_changed() {
        let mut stream = FrameStream::new(FrameChange::SetReservedBit, false);
        let text = br#"{"type": "room_marked_read"}"#;
        let frame = [&[0x81, u8::try_from(text.len()).unwrap()], &text[..]].concat();
        assert_eq!(stream.pass(&frame)[0], 0xc1);
        let mut stream = FrameStream::new(FrameChange::DamageCompression, false);
        assert_eq!(stream.pass(&[0x81, 1, b'{']), [0xc1, 1, b'{' | INVALID_BLOCK]);
        let change = FrameChange::ReplaceCloseCodes { from: &[1000], to: 1011 };
        let mut stream = FrameStream::new(change, false);
        let [normal, other] = [[0x88, 2, 3, 0xe8], [0x88, 2, 3, 0xea]];
        assert_eq!(stream.pass(&[normal, other].concat()), [[0x88, 2, 3, 0xf3], other].concat());
        let mut stream = FrameStream::new(FrameChange::LosePongs, false);
        assert_eq!(stream.pass(&[0x8a, 1, b'x', 0x89, 0]), [0x89, 0]);
    }

    #[test]
    fn long_frames_have_long_lengths() {
        let header = [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0];
        assert_eq!(extent(&header), None);
        let frame = [&header[..], &vec![0; 65_536]].concat();
        assert_eq!(extent(&frame), Some((10, 65_546)));
        assert_eq!(extent(&[0x82, 126, 0, 1, 7]), Some((4, 5)));
    }
}
