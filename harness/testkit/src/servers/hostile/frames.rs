//! Hostile frames.

use super::behavior::Change::{Flood, Frames};
use super::behavior::On::Sockets;
use super::behavior::{Behavior, row};

const FINAL: u8 = 0x80;
const TEXT: u8 = FINAL | 1;
const BINARY: u8 = FINAL | 2;
const CLOSE: u8 = FINAL | 8;
const PING: u8 = FINAL | 9;
const PONG: u8 = FINAL | 10;

pub(super) const ALL: &[Behavior] = &[
    row("frame: reserved bit", Sockets, Frames(|| frame(TEXT | 0x40, b"{}"))),
    row("frame: reserved opcode", Sockets, Frames(|| frame(FINAL | 3, b"{}"))),
    row("frame: reserved control opcode", Sockets, Frames(|| frame(FINAL | 11, b""))),
    row("frame: masked", Sockets, Frames(|| vec![TEXT, 0x82, 1, 2, 3, 4, b'{' ^ 1, b'}' ^ 2])),
    row("frame: ping of 126 bytes", Sockets, Frames(|| frame(PING, &[0; 126]))),
    row("frame: fragmented ping", Sockets, Frames(|| frame(9, b"x"))),
    row("frame: 5,000 pings", Sockets, Frames(|| frame(PING, b"x").repeat(5000))),
    row("frame: 5,000 pongs", Sockets, Frames(|| frame(PONG, b"").repeat(5000))),
    row("frame: 25,000 pings", Sockets, Frames(|| frame(PING, b"").repeat(25_000))),
    row("frame: fragment without end", Sockets, Frames(|| frame(1, b"{\"type\": \""))),
    row(
        "frame: 20,000 fragments",
        Sockets,
        Frames(|| [frame(1, b"{"), frame(0, b"x").repeat(20_000)].concat()),
    ),
    row("frame: continuation of nothing", Sockets, Frames(|| frame(FINAL, b"{}"))),
    row(
        "frame: length of 2^63",
        Sockets,
        Frames(|| vec![TEXT, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255]),
    ),
    row("frame: length of 2^64", Sockets, Frames(|| [vec![TEXT, 127], vec![255; 8]].concat())),
    row("frame: length in too many bytes", Sockets, Frames(|| vec![TEXT, 126, 0, 2, b'{', b'}'])),
    row("frame: invalid UTF-8", Sockets, Frames(|| frame(TEXT, b"\xff\xfe"))),
    row("frame: lone surrogate", Sockets, Frames(|| frame(TEXT, br#"{"type": "\ud800"}"#))),
    row(
        "frame: 1e999",
        Sockets,
        Frames(|| frame(TEXT, br#"{"type": "typing", "user_id": 1e999}"#)),
    ),
    row("frame: binary", Sockets, Frames(|| frame(BINARY, b"{}"))),
    row("frame: empty text", Sockets, Frames(|| frame(TEXT, b""))),
    row("frame: 100,000 levels", Sockets, Frames(|| frame(TEXT, "[".repeat(100_000).as_bytes()))),
    row(
        "frame: 300,000 values",
        Sockets,
        Frames(|| frame(TEXT, format!("[{}0]", "0,".repeat(300_000)).as_bytes())),
    ),
    row("frame: 9 MiB", Sockets, Frames(|| frame(TEXT, &vec![b' '; 9 << 20]))),
    // True findings: the messages lack required fields, share one id, and their sender is not a member.
    row("frame: 3,000 foreign messages", Sockets, Frames(|| foreign().repeat(3000))),
    row("frame: foreign messages without end", Sockets, Flood(foreign)),
    row("frame: typing of strangers without end", Sockets, Flood(typing)),
    row(
        "frame: unknown events without end",
        Sockets,
        Flood(|| frame(TEXT, br#"{"type": "spam"}"#)),
    ),
    row("frame: pings without end", Sockets, Flood(|| frame(PING, b""))),
    row("frame: fragments without end", Sockets, Flood(|| frame(1, b"x"))),
    row(
        "frame: 1 MiB of escapes",
        Sockets,
        Frames(|| frame(TEXT, "\\u0000".repeat(170_000).as_bytes())),
    ),
    row(
        "frame: bytes that are not frames",
        Sockets,
        Frames(|| b"HTTP/1.1 200 OK\r\n\r\n".to_vec()),
    ),
    row("close: code 0", Sockets, Frames(|| frame(CLOSE, &[0, 0]))),
    row("close: code 999", Sockets, Frames(|| frame(CLOSE, &999_u16.to_be_bytes()))),
    row("close: code 1005", Sockets, Frames(|| frame(CLOSE, &1005_u16.to_be_bytes()))),
    row("close: code 5000", Sockets, Frames(|| frame(CLOSE, &5000_u16.to_be_bytes()))),
    row("close: one byte", Sockets, Frames(|| frame(CLOSE, &[3]))),
    row("close: invalid UTF-8", Sockets, Frames(|| frame(CLOSE, &[3, 0xe8, 0xff]))),
    row("close: HTML and escapes", Sockets, Frames(|| frame(CLOSE, b"\x03\xe8<b>\x1b[2J`x`$(x)"))),
    row(
        "close: followed by frames",
        Sockets,
        Frames(|| [frame(CLOSE, &[3, 0xe8]), foreign()].concat()),
    ),
];

/// An unmasked frame.
fn frame(head: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let length = match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ ..126), _) => vec![short],
        (_, Ok(medium)) => [&[126][..], &medium.to_be_bytes()].concat(),
        _ => [&[127][..], &(length as u64).to_be_bytes()].concat(),
    };
    [&[head], &length[..], content].concat()
}

/// A message of a user outside of the run.
fn foreign() -> Vec<u8> {
    frame(
        TEXT,
        br#"{"type": "chat_message", "message": {"id": "3f0c1f52-1c1d-4e5e-9a3b-0d3f8f6c2a11", "content": "spam", "sender": {"id": 999999, "username": "mallory"}}}"#,
    )
}

/// Typing of a user outside of the run.
fn typing() -> Vec<u8> {
    frame(
        TEXT,
        br#"{"type": "typing", "user_id": 999999, "username": "mallory", "is_typing": true}"#,
    )
}
