//! Bodies as they stand: broken, doubtful, or under another name.

use serde_json::Value;

/// A body and its content type.
pub(super) type Raw = (String, String);

/// What the content type of JSON is called.
const JSON: &str = "application/json";

/// Bodies that are no JSON object whatever the operation.
static NO_OBJECTS: &[&str] = &[
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

/// Other content types, under which a server may refuse what it would take as JSON.
static OTHER_TYPES: &[&str] = &[
    "text/plain",
    "application/xml",
    "application/x-www-form-urlencoded",
    "application/octet-stream",
    "multipart/mixed",
    "application/json; charset=latin1",
    "nonsense",
];

/// Escapes that JSON has and that many stores do not take: NUL, and halves of surrogate pairs.
static DOUBTFUL: &[&str] = &[
    "\\u0000",
    "\\ud800",
    "\\udc00\\ud800",
    "\\ud83d\\ud83d",
    "\\u0001\\u001b[31m",
    "\\u0008\\u007f",
];

/// Bodies that are refused; `valid` is one that is not.
pub(super) fn broken(valid: &Value) -> Vec<Raw> {
    let json = |text: &&str| (JSON.to_owned(), (*text).to_owned());
    let deep = format!("{{\"a\": {}{}}}", "[".repeat(2_000), "]".repeat(2_000));
    let mut all: Vec<_> = NO_OBJECTS.iter().map(json).collect();
    all.extend(OTHER_TYPES.iter().map(|name| ((*name).to_owned(), valid.to_string())));
    all.push((JSON.to_owned(), deep));
    all
}

/// `valid` with doubtful escapes in the text that it holds at `field`: whether that is taken is the
/// server's own affair, as long as it does not fail.
pub(super) fn doubtful(valid: &Value, field: &str) -> Vec<Raw> {
    const MARK: &str = "the-place";
    let mut marked = valid.clone();
    let before = valid[field].as_str().unwrap_or_default();
    marked[field] = Value::from(format!("{before} {MARK}"));
    let text = marked.to_string();
    DOUBTFUL.iter().map(|escape| (JSON.to_owned(), text.replace(MARK, escape))).collect()
}
