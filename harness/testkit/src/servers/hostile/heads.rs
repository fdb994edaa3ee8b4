//! Hostile statuses and headers.

use std::time::Duration;

use super::behavior::Change::{Before, Headers, Raw, Slow, Stall, Status};
use super::behavior::On::{Handshakes, Operations};
use super::behavior::{Behavior, row};

pub(super) const ALL: &[Behavior] = &[
    row("status: 99", Operations, Status("99 Low")),
    row("status: 999", Operations, Status("999 High")),
    row("status: not a number", Operations, Status("OK")),
    row("status: 101 without an upgrade", Operations, Status("101 Switching Protocols")),
    row("status: 206", Operations, Status("206 Partial Content")),
    row("status: 418", Operations, Status("418 I'm a teapot")),
    row("status: 507", Operations, Status("507 Insufficient Storage")),
    row(
        "status: 1,000 times 100",
        Operations,
        Before(|| b"HTTP/1.1 100 Continue\r\n\r\n".repeat(1000)),
    ),
    row(
        "status: 50 times 103",
        Operations,
        Before(|| b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".repeat(50)),
    ),
    row("status: HTTP/9.9", Operations, Raw(|_| b"HTTP/9.9 200 OK\r\n\r\n{}".to_vec())),
    row("status: not HTTP", Operations, Raw(|_| b"SSH-2.0-OpenSSH_9.6\r\n".to_vec())),
    row("handshake: 200", Handshakes, Status("200 OK")),
    row(
        "handshake: unrequested compression",
        Handshakes,
        Headers(|| "Sec-WebSocket-Extensions: permessage-deflate\r\n".to_owned()),
    ),
    row(
        "handshake: unrequested subprotocol",
        Handshakes,
        Headers(|| "Sec-WebSocket-Protocol: mqtt\r\n".to_owned()),
    ),
    row(
        "handshake: wrong key",
        Handshakes,
        Raw(|_| {
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n".to_vec()
        }),
    ),
    row("handshake: 10,000 headers", Handshakes, Headers(|| many(10_000))),
    row("header: 10,000", Operations, Headers(|| many(10_000))),
    row("header: 90", Operations, Headers(|| many(90))),
    row("header: 1 MiB", Operations, Headers(|| format!("X-Long: {}\r\n", "x".repeat(1 << 20)))),
    row(
        "header: 100 KiB Server",
        Operations,
        Headers(|| format!("Server: {}\r\n", "x".repeat(100 << 10))),
    ),
    row(
        "header: 200 cookies",
        Operations,
        Headers(|| "Set-Cookie: session={elsewhere}; Path=/\r\n".repeat(200)),
    ),
    row(
        "header: gzip as transfer encoding",
        Operations,
        Headers(|| "Transfer-Encoding: gzip, chunked\r\n".to_owned()),
    ),
    row(
        "header: Location on success",
        Operations,
        Headers(|| "Location: {elsewhere}/x\r\n".to_owned()),
    ),
    row("handshake: never answered", Handshakes, Stall),
    row("handshake: a byte per 50 ms", Handshakes, Slow(Duration::from_millis(50), 1)),
    row("header: invalid bytes", Operations, Headers(|| "X-Bad: \u{1}\u{7f}\u{e9}\r\n".to_owned())),
    row("header: no colon", Operations, Headers(|| "nonsense\r\n".to_owned())),
    row(
        "header: two content types",
        Operations,
        Headers(|| "Content-Type: text/html\r\nContent-Type: image/png\r\n".to_owned()),
    ),
    row(
        "header: Retry-After of 1e308",
        Operations,
        Headers(|| "Retry-After: 1e308\r\n".to_owned()),
    ),
    row(
        "header: Retry-After in 2099",
        Operations,
        Headers(|| "Retry-After: Thu, 01 Jan 2099 00:00:00 GMT\r\n".to_owned()),
    ),
    row(
        "header: Date of year 0",
        Operations,
        Headers(|| "Date: Sat, 01 Jan 0000 00:00:00 GMT\r\n".to_owned()),
    ),
    row(
        "header: Refresh to another origin",
        Operations,
        Headers(|| "Refresh: 0; url={elsewhere}\r\nLink: <{elsewhere}>; rel=next\r\n".to_owned()),
    ),
    row(
        "header: escape sequences",
        Operations,
        Headers(|| "Server: \u{1b}]0;owned\u{7}\r\n".to_owned()),
    ),
];

fn many(count: usize) -> String {
    (0..count).map(|number| format!("X-{number}: {number}\r\n")).collect()
}
