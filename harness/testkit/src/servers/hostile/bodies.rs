//! Hostile bodies.

use std::time::Duration;

use serde_json::Value;

use super::behavior::Change::{Body, Json, Raw, Slow, Stall};
use super::behavior::On::{Handshakes, Logins, Operations};
use super::behavior::{Behavior, row};

pub(super) const ALL: &[Behavior] = &[
    row("body: empty 200", Operations, Raw(|_| response("Content-Length: 0\r\n", b""))),
    row("body: HTML", Operations, Body(|_| b"<html>Sign in</html>".to_vec())),
    row("body: null", Operations, Body(|_| b"null".to_vec())),
    row("body: null everywhere", Operations, Json(nulls)),
    row("body: BOM", Operations, Body(|body| [b"\xef\xbb\xbf", body].concat())),
    row("body: UTF-16", Operations, Body(utf16)),
    row("body: Latin-1", Operations, Body(|body| [body, b"\xe9"].concat())),
    row("body: NUL bytes", Operations, Body(|body| [body, b"\0\0"].concat())),
    row("body: trailing garbage", Operations, Body(|body| [body, b"}]garbage"].concat())),
    row("body: twice", Operations, Body(|body| body.repeat(2))),
    row("body: cut in half", Operations, Body(|body| body[..body.len() / 2].to_vec())),
    row("body: duplicate keys", Operations, Body(duplicate_keys)),
    row("body: 1e999", Operations, Body(|body| with_member(body, "1e999"))),
    row("body: 400 digits", Operations, Body(|body| with_member(body, &"9".repeat(400)))),
    row("body: lone surrogate", Operations, Body(|body| with_member(body, r#""\ud800""#))),
    row("body: 100,000 levels", Operations, Body(|body| with_member(body, &nested(100_000)))),
    row("body: 120 levels", Operations, Body(|body| with_member(body, &nested(120)))),
    row("body: 300,000 values", Operations, Body(|body| with_member(body, &values(300_000, "0")))),
    row(
        "body: 30,000 objects",
        Operations,
        Body(|body| with_member(body, &values(30_000, r#"{"":0}"#))),
    ),
    row("body: 50,000 keys", Operations, Body(|body| with_member(body, &keys(50_000)))).every(10),
    row(
        "body: 512 KiB of padding",
        Operations,
        Body(|body| [body, &vec![b' '; 512 << 10]].concat()),
    )
    .every(3),
    row(
        "body: 2 MiB text",
        Operations,
        Body(|body| with_member(body, &format!("\"{}\"", "x".repeat(2 << 20)))),
    )
    .every(10),
    row("body: 12 MiB", Operations, Body(|_| vec![b'['; 12 << 20])),
    row(
        "body: control characters",
        Operations,
        Body(|body| with_member(body, "\"\x01\x02\x1b[2J\"")),
    ),
    row("body: wrong length", Operations, Raw(|body| response("Content-Length: 100000\r\n", body))),
    row("body: short length", Operations, Raw(|body| response("Content-Length: 3\r\n", body))),
    row("body: negative length", Operations, Raw(|body| response("Content-Length: -1\r\n", body))),
    row(
        "body: two lengths",
        Operations,
        Raw(|body| response("Content-Length: 1\r\nContent-Length: 2\r\n", body)),
    ),
    row(
        "body: chunked garbage",
        Operations,
        Raw(|_| response("Transfer-Encoding: chunked\r\n", b"zz\r\nabc")),
    ),
    row(
        "body: chunk of 2^63",
        Operations,
        Raw(|_| response("Transfer-Encoding: chunked\r\n", b"7fffffffffffffff\r\nabc")),
    ),
    row(
        "body: 100,000 chunks of 1 byte",
        Operations,
        Raw(|_| response("Transfer-Encoding: chunked\r\n", &b"1\r\n[\r\n".repeat(100_000))),
    ),
    row(
        "body: 204 with a body",
        Operations,
        Raw(|body| [b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", body].concat()),
    ),
    row(
        "handshake: body of 1 MiB",
        Handshakes,
        Raw(|_| {
            [b"HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n".to_vec(), vec![b'x'; 1 << 20]]
                .concat()
        }),
    ),
    row("body: 100,000 digits", Operations, Body(|body| with_member(body, &"9".repeat(100_000))))
        .every(5),
    row("body: 1e-400", Operations, Body(|body| with_member(body, "-1e-400"))),
    row("body: a key of 1 MiB", Operations, Body(long_key)).every(10),
    row(
        "body: 60,000 nested objects",
        Operations,
        Body(|body| with_member(body, &objects(60_000))),
    ),
    row("body: 100,000 escapes", Operations, Body(|body| with_member(body, &escapes(100_000))))
        .every(10),
    row("body: a byte per 50 ms", Operations, Slow(Duration::from_millis(50), 1)).every(10),
    row("body: 64 KiB per 500 ms", Operations, Slow(Duration::from_millis(500), 64 << 10))
        .every(10),
    row("body: cut in half, then nothing", Operations, Stall).every(10),
    row("login: a byte per 50 ms", Logins, Slow(Duration::from_millis(50), 1)),
    row("login: 300,000 values", Logins, Body(|body| with_member(body, &values(300_000, "0")))),
    row("login: 12 MiB", Logins, Body(|_| vec![b'['; 12 << 20])),
];

/// A `200 OK` with header lines and bytes.
pub(super) fn response(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n{headers}\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// The JSON object with another first member, whose value is any text.
fn with_member(body: &[u8], value: &str) -> Vec<u8> {
    match body.strip_prefix(b"{") {
        Some(rest) => [b"{\"padding\":", value.as_bytes(), b",", rest].concat(),
        None => value.as_bytes().to_vec(),
    }
}

fn nested(depth: usize) -> String {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}

fn values(count: usize, value: &str) -> String {
    format!("[{}{value}]", format!("{value},").repeat(count))
}

fn keys(count: usize) -> String {
    let members: Vec<_> = (0..count).map(|number| format!("\"{number}\":0")).collect();
    format!("{{{}}}", members.join(","))
}

fn objects(depth: usize) -> String {
    format!("{}0{}", r#"{"a":"#.repeat(depth), "}".repeat(depth))
}

fn escapes(count: usize) -> String {
    format!("\"{}\"", "\\u0000".repeat(count))
}

fn long_key(body: &[u8]) -> Vec<u8> {
    let key = "k".repeat(1 << 20);
    with_member(body, &format!("{{\"{key}\":0}}"))
}

fn duplicate_keys(body: &[u8]) -> Vec<u8> {
    match (body.strip_prefix(b"{"), body.strip_suffix(b"}")) {
        (Some(rest), Some(start)) => [start, b",", rest].concat(),
        _ => body.to_vec(),
    }
}

fn utf16(body: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(body).encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn nulls(json: &mut Value) {
    match json {
        Value::Object(members) => members.values_mut().for_each(nulls),
        Value::Array(items) => items.iter_mut().for_each(nulls),
        other => *other = Value::Null,
    }
}
