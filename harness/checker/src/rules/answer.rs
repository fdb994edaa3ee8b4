//! Answers that should hold something, and how they are quoted.

use hearback_contract::RequirementId;
use hearback_history::Call;
use serde_json::Value;

use crate::reason::Reason;
use crate::rule_context::RuleContext;

/// An array of so many items may be the first page.
const LIKELY_CUT: usize = 50;

/// Longest text that is quoted whole, in characters.
const LONGEST_QUOTE: usize = 60;

/// The body of a call that should have succeeded; what keeps it from being looked at is noted.
pub(super) fn success<'h>(call: &'h Call, context: &mut RuleContext<'h>) -> Option<&'h Value> {
    if call.status().is_some_and(|status| status >= 500) {
        context.inconclusive(Reason::Violates(RequirementId::StatusNoServerError));
    }
    let body = call.success();
    if call.maybe_done() && call.is_unreadable() || call.succeeded() && body.is_none() {
        context.inconclusive(Reason::UnreadableBody);
    }
    body
}

/// The requirement that a redirect or a server error violates, whatever was asked for.
pub(super) fn violated_by(status: u16) -> Option<RequirementId> {
    match status {
        300..400 => Some(RequirementId::StatusDocumented),
        500.. => Some(RequirementId::StatusNoServerError),
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
        context.inconclusive(Reason::SchemaBroken(name.to_owned().into()));
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
