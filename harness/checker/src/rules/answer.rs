//! Answers that should hold something, and how they are quoted.

use hearback_history::Call;
use serde_json::Value;

use crate::rule_context::RuleContext;

/// An array of so many items may be the first page.
const LIKELY_CUT: usize = 50;

/// Longest text that is quoted whole, in characters.
const LONGEST_QUOTE: usize = 60;

/// Why nothing is said of what stands in an answer that cannot be read.
pub(super) const NO_JSON: &str = "the body is absent or no JSON: see the schema requirements";

/// The body of a call that should have succeeded; what keeps it from being looked at is noted.
pub(super) fn success<'h>(call: &'h Call, context: &mut RuleContext<'h>) -> Option<&'h Value> {
    if call.status().is_some_and(|status| status >= 500) {
        context.inconclusive("answered 5xx: see status/no-server-error");
    }
    let body = call.success();
    if call.maybe_done() && call.is_unreadable() || call.succeeded() && body.is_none() {
        context.inconclusive(NO_JSON);
    }
    body
}

/// Where a status is looked at that is neither success nor refusal, whatever was asked for.
pub(super) fn looked_at_elsewhere(status: u16) -> Option<&'static str> {
    match status {
        300..400 => Some("answered 3xx: see status/documented"),
        500.. => Some("answered 5xx: see status/no-server-error"),
        _ => None,
    }
}

/// A member of an object, as `read` takes it; one that is absent or mistyped is noted.
pub(super) fn member<'h, T>(
    object: &'h Value,
    name: &str,
    read: impl FnOnce(&'h Value) -> Option<T>,
    context: &mut RuleContext<'h>,
) -> Option<T> {
    let value = object.get(name).and_then(read);
    if value.is_none() {
        context
            .inconclusive(format!("`{name}` is absent or mistyped: see the schema requirements"));
    }
    value
}

/// The listed items, if the answer says that these are all.
pub(super) fn complete_items(call: &Call) -> Option<&Vec<Value>> {
    let items = call.items()?;
    let body = call.success()?;
    let is_whole = match body.as_object() {
        Some(page) => {
            page.get("next")?.is_null()
                && page.get("previous")?.is_null()
                && page.get("count")?.as_u64() == Some(items.len() as u64)
        }
        // An array may be cut without saying so.
        None => items.len() < LIKELY_CUT,
    };
    is_whole.then_some(items)
}

/// The text of a string, or `None` of a null.
#[allow(clippy::option_option, reason = "mistyped, null, and text are three answers")]
pub(super) fn text_or_null(value: &Value) -> Option<Option<&str>> {
    if value.is_null() { Some(None) } else { value.as_str().map(Some) }
}

/// A refusal in words: its status, and the detail that it gives.
pub(super) fn refusal(call: &Call) -> String {
    let status = call.status().map_or_else(|| "nothing".to_owned(), |status| status.to_string());
    let detail = call.response().and_then(|body| body.get("detail")).and_then(Value::as_str);
    match detail {
        Some(detail) => format!("answered {status}: {}", quoted(detail)),
        None => format!("answered {status}"),
    }
}

/// A text in quotation marks, cut where it is long.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("\"{}…\" ({} bytes)", &text[..end], text.len()),
        None => format!("\"{text}\""),
    }
}

/// A JSON value in words; texts are cut where they are long.
pub(super) fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), quoted)
}
