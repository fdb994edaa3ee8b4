//! Hostile links.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::behavior::Change::Json;
use super::behavior::On::Operations;
use super::behavior::{Behavior, row, set};

pub(super) const ALL: &[Behavior] = &[
    row(
        "link: next at another origin",
        Operations,
        Json(|json| set(json, "next", &json!("{elsewhere}/api/chat/rooms/?page=2"))),
    ),
    row(
        "link: next of messages at another origin",
        Operations,
        Json(|json| set(json, "next", &json!("{elsewhere}/api/chat/messages/?page=2"))),
    ),
    row("link: next is itself", Operations, Json(|json| set(json, "next", &json!("?page=1")))),
    row(
        "link: next is a file",
        Operations,
        Json(|json| set(json, "next", &json!("file:///etc/passwd"))),
    ),
    row(
        "link: attachment at another origin",
        Operations,
        Json(|json| set(json, "attachment", &json!("{elsewhere}/file.png"))),
    ),
    row("link: next alternates", Operations, Json(|json| next(json, |count| count % 2))),
    row("link: next never ends", Operations, Json(|json| next(json, |count| count))),
    row(
        "link: next with another scheme",
        Operations,
        Json(|json| set(json, "next", &json!("javascript:alert(1)"))),
    ),
    row(
        "link: next without a scheme",
        Operations,
        Json(|json| set(json, "next", &json!("//{elsewhere-host}/api/chat/rooms/?page=2"))),
    ),
    row("link: next of 100 KiB", Operations, Json(|json| set(json, "next", &json!(long())))),
    row("link: next is an object", Operations, Json(|json| set(json, "next", &json!({"page": 2})))),
    row(
        "link: attachment is a file",
        Operations,
        Json(|json| set(json, "attachment", &json!("file:///etc/passwd"))),
    ),
];

/// Makes `next` the first page under another URL, by the number of links so far.
fn next(json: &mut Value, of: fn(usize) -> usize) {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let number = of(COUNT.fetch_add(1, Ordering::Relaxed));
    set(json, "next", &json!(format!("?page=1&number={number}")));
}

fn long() -> String {
    format!("?page=1&x={}", "x".repeat(100 << 10))
}
