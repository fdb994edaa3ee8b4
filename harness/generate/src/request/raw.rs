//! Raw bodies: malformed, with unusual escapes, or with another content type.

use serde_json::Value;

/// A body and its content type.
pub(super) type Raw = (String, String);

/// The content type of JSON.
const JSON: &str = "application/json";

/// Bodies that are not JSON objects.
static NOT_OBJECTS: &[&str] = &[
    "{\"broken",
    "",
    "[1, 2]",
    "null",
    "\"text\"",
    "42",
    "{\"a\": }",
    "{'a': 1}",
    "{\"a\": 1} {\"b\": 2}",
    "\u{FEFF}[",
    "<a/>",
    "a=1&b=2",
];

/// Other content types, with which a server may reject valid JSON.
static OTHER_TYPES: &[&str] = &[
    "text/plain",
    "application/xml",
    "application/x-www-form-urlencoded",
    "application/octet-stream",
    "multipart/mixed",
    "application/json; charset=latin1",
    "nonsense",
];

/// Valid JSON escapes that many databases reject: NUL, control characters, and lone surrogates.
static UNUSUAL_ESCAPES: &[&str] = &[
    "\\u0000",
    "\\ud800",
    "\\udc00\\ud800",
    "\\ud83d\\ud83d",
    "\\u0001\\u001b[31m",
    "\\u0008\\u007f",
];

/// Bodies that must be rejected, some of them with the content `valid`.
pub(super) fn malformed(valid: &Value) -> Vec<Raw> {
    let json = |text: &&str| (JSON.to_owned(), (*text).to_owned());
    let deep = format!("{{\"a\": {}{}}}", "[".repeat(2_000), "]".repeat(2_000));
    let mut all: Vec<_> = NOT_OBJECTS.iter().map(json).collect();
    all.extend(OTHER_TYPES.iter().map(|name| ((*name).to_owned(), valid.to_string())));
    all.push((JSON.to_owned(), deep));
    all
}

/// The body `valid` with unusual escapes in the text `field`. A server may accept or reject them, but must
/// not fail.
pub(super) fn unusual_escapes(valid: &Value, field: &str) -> Vec<Raw> {
    const MARK: &str = "the-place";
    let mut marked = valid.clone();
    let before = valid[field].as_str().unwrap_or_default();
    marked[field] = Value::from(format!("{before} {MARK}"));
    let text = marked.to_string();
    UNUSUAL_ESCAPES.iter().map(|escape| (JSON.to_owned(), text.replace(MARK, escape))).collect()
}
