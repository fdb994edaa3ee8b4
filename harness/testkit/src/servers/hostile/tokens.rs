//! Hostile access tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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
    row("token: 8 MiB", Logins, Json(|json| access(json, json!("a".repeat(8 << 20))))),
    row("token: array", Logins, Json(|json| access(json, json!(["a"])))),
    row("token: HTML", Logins, Json(|json| access(json, json!("<script>alert(1)</script>")))),
    row("token: shell", Logins, Json(|json| access(json, json!("$(touch PWNED)`id`")))),
    row("token: expired in 1970", Logins, Json(|json| access(json, jwt(&json!({"exp": 0}))))),
    row("token: expires at 1e308", Logins, Json(|json| access(json, jwt(&json!({"exp": 1e308}))))),
    row("token: expires at -1", Logins, Json(|json| access(json, jwt(&json!({"exp": -1}))))),
    row(
        "token: expires at a text",
        Logins,
        Json(|json| access(json, jwt(&json!({"exp": "soon"})))),
    ),
    row(
        "token: of user 10^300",
        Logins,
        Json(|json| access(json, jwt(&json!({"user_id": 1e300})))),
    ),
    row("token: refresh of 8 MiB", Logins, Json(|json| refresh(json, json!("a".repeat(8 << 20))))),
    row("token: refresh is null", Logins, Json(|json| refresh(json, Value::Null))),
    row("token: one letter", Logins, Json(|json| access(json, json!("a")))),
    row(
        "token: JWT with a header of 50 KiB",
        Logins,
        Json(|json| access(json, json!(format!("{}.e30.x", "e".repeat(50_000))))),
    ),
];

/// A token with claims, whose signature is wrong.
fn jwt(claims: &Value) -> Value {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    json!(format!("{}.{}.c2ln", part(&json!({"alg": "HS256"})), part(claims)))
}

fn refresh(json: &mut Value, token: Value) {
    if let Some(refresh) = json.get_mut("refresh") {
        *refresh = token;
    }
}

fn access(json: &mut Value, token: Value) {
    if let Some(access) = json.get_mut("access") {
        *access = token;
    }
}
