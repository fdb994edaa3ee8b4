//! Hostile ids, times and counts.

use serde_json::json;

use super::behavior::Change::Json;
use super::behavior::On::Operations;
use super::behavior::{Behavior, row, set};

pub(super) const ALL: &[Behavior] = &[
    row(
        "id: path traversal",
        Operations,
        Json(|json| set(json, "id", &json!("../../../etc/passwd"))),
    ),
    row(
        "id: shell",
        Operations,
        Json(|json| set(json, "id", &json!("$(touch /tmp/PWNED)`id`;'\"\n"))),
    ),
    row("id: 64 KiB", Operations, Json(|json| set(json, "id", &json!("x".repeat(64 << 10)))))
        .every(5),
    row("id: empty", Operations, Json(|json| set(json, "id", &json!("")))),
    row("id: negative", Operations, Json(|json| set(json, "id", &json!(-1)))),
    row("id: 1e300", Operations, Json(|json| set(json, "id", &json!(1e300)))),
    row("id: maximum of u64", Operations, Json(|json| set(json, "id", &json!(u64::MAX)))),
    row("id: an object", Operations, Json(|json| set(json, "id", &json!({"id": [1]})))),
    row(
        "id: one for all",
        Operations,
        Json(|json| set(json, "id", &json!("00000000-0000-4000-8000-000000000000"))),
    ),
    row(
        "id: HTML",
        Operations,
        Json(|json| set(json, "id", &json!("\"><script>alert(1)</script><!--"))),
    ),
    row("id: query", Operations, Json(|json| set(json, "id", &json!("x?admin=1#top")))),
    row("id: another host", Operations, Json(|json| set(json, "id", &json!("@{elsewhere-host}/")))),
    row("id: line breaks", Operations, Json(|json| set(json, "id", &json!("x\r\nX-Injected: 1")))),
    row(
        "id: bidirectional override",
        Operations,
        Json(|json| set(json, "id", &json!("x\u{202e}\u{2066}\u{0}y"))),
    ),
    row("id: true", Operations, Json(|json| set(json, "id", &json!(true)))),
    row(
        "time: year 99999",
        Operations,
        Json(|json| set(json, "created_at", &json!("99999-12-31T23:59:59Z"))),
    ),
    row(
        "count: maximum of u64",
        Operations,
        Json(|json| set(json, "unread_count", &json!(u64::MAX))),
    ),
    row(
        "time: month 13",
        Operations,
        Json(|json| set(json, "created_at", &json!("2026-13-45T25:61:61+99:99"))),
    ),
    row(
        "time: year -1",
        Operations,
        Json(|json| set(json, "created_at", &json!("-0001-01-01T00:00:00Z"))),
    ),
    row("time: number", Operations, Json(|json| set(json, "created_at", &json!(1e308)))),
    row("count: 1e308", Operations, Json(|json| set(json, "count", &json!(1e308)))),
    row("count: -1", Operations, Json(|json| set(json, "count", &json!(-1)))),
    row("count: total of u64", Operations, Json(|json| set(json, "count", &json!(u64::MAX)))),
    row(
        "text: terminal and HTML",
        Operations,
        Json(|json| set(json, "content", &json!("\u{1b}[2J<img src=x onerror=alert(1)>|`x`"))),
    ),
];
