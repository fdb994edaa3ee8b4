//! Reading responses, and quoting them in findings.

use hearback_contract::RequirementId;
use hearback_history::Call;
use serde_json::Value;

use crate::reason::Reason;
use crate::rule_context::RuleContext;

/// Length from which on an array may be the first page of a longer list.
const LIKELY_CUT: usize = 50;

/// Longest text that is quoted whole, in characters.
const LONGEST_QUOTE: usize = 60;

/// The body of a call that should have succeeded; records the reason if it cannot be checked.
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

/// The requirement that a redirect or a server error violates, whatever was requested.
pub(super) fn violated_by(status: u16) -> Option<RequirementId> {
    match status {
        300..400 => Some(RequirementId::StatusDocumented),
        500.. => Some(RequirementId::StatusNoServerError),
        _ => None,
    }
}

/// A member of an object, converted by `read`; records the reason if it is absent or mistyped.
pub(super) fn member<'h, T>(
    object: &'h Value,
    name: &str,
    read: impl FnOnce(&'h Value) -> Option<T>,
    context: &mut RuleContext<'h>,
) -> Option<T> {
    let value = object.get(name).and_then(read);
    if value.is_none() {
        context.inconclusive(Reason::SchemaBroken(name.to_owned()));
    }
    value
}

/// The listed items, if the response shows that the list is complete.
pub(super) fn complete_items(call: &Call) -> Option<&Vec<Value>> {
    let items = call.items()?;
    let body = call.success()?;
    let is_whole = match body.as_object() {
        Some(page) => {
            page.get("next")?.is_null()
                && page.get("previous")?.is_null()
                && page.get("count")?.as_u64() == Some(items.len() as u64)
        }
        // A plain array may be truncated without any sign of it.
        None => items.len() < LIKELY_CUT,
    };
    is_whole.then_some(items)
}

/// The text of a string, or `None` for null.
#[allow(clippy::option_option, reason = "mistyped, null, and text are three answers")]
pub(super) fn text_or_null(value: &Value) -> Option<Option<&str>> {
    if value.is_null() { Some(None) } else { value.as_str().map(Some) }
}

/// A rejection for reports: its status and its `detail`.
pub(super) fn refusal(call: &Call) -> String {
    let status = call.status().map_or_else(|| "nothing".to_owned(), |status| status.to_string());
    let detail = call.response().and_then(|body| body.get("detail")).and_then(Value::as_str);
    match detail {
        Some(detail) => format!("answered {status}: {}", quoted(detail)),
        None => format!("answered {status}"),
    }
}

/// A text in quotation marks, truncated if it is long.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("\"{}…\" ({} bytes)", &text[..end], text.len()),
        None => format!("\"{text}\""),
    }
}

/// A JSON value for reports; text is truncated if it is long.
pub(super) fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), quoted)
}
