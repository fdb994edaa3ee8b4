//! Hostile access tokens.

use serde_json::{Value, json};

use super::behavior::Change::Json;
use super::behavior::On::Logins;
use super::behavior::{Behavior, row};

pub(super) const ALL: &[Behavior] = &[
    row("token: empty", Logins, Json(|json| access(json, json!("")))),
    row("token: null", Logins, Json(|json| access(json, Value::Null))),
    row("token: number", Logins, Json(|json| access(json, json!(12345)))),
    row("token: non-ASCII", Logins, Json(|json| access(json, json!("tök€n-of-the-target")))),
    row("token: line break", Logins, Json(|json| access(json, json!("token\r\nX-Injected: 1")))),
    row("token: spaces", Logins, Json(|json| access(json, json!("  token of the target  ")))),
    row(
        "token: 16,000 equal characters",
        Logins,
        Json(|json| access(json, json!("a".repeat(16_000)))),
    ),
    row("token: 1 MiB", Logins, Json(|json| access(json, json!("a".repeat(1 << 20))))),
    row("token: one letter", Logins, Json(|json| access(json, json!("a")))),
    row(
        "token: JWT with a header of 50 KiB",
        Logins,
        Json(|json| access(json, json!(format!("{}.e30.x", "e".repeat(50_000))))),
    ),
];

fn access(json: &mut Value, token: Value) {
    if let Some(access) = json.get_mut("access") {
        *access = token;
    }
}
