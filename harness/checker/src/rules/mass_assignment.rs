//! Fields that a request must not set, and that the server adopts all the same.

use hearback_contract::UserId;
use hearback_history::Call;
use serde_json::Value;

use super::answer::{shown, success};
use super::message::field_comparison::is_same;
use crate::rule_context::RuleContext;
use crate::violation::Violation;

/// Requested counts and ids from here on cannot match the real ones by coincidence.
const IMPLAUSIBLE: i64 = 50;

/// Checks that each of `fields` in the request, which only the server may set, is rejected or
/// ignored. `later` returns later responses that show the same object.
pub(super) fn check<'h>(
    call: &'h Call,
    fields: &[&'static str],
    later: impl FnOnce() -> Vec<(&'h Call, &'h Value)>,
    context: &mut RuleContext<'h>,
) {
    let requested = |field| call.request.as_ref().and_then(|body| body.get(field));
    let extra: Vec<_> = fields.iter().filter_map(|it| Some((*it, requested(*it)?))).collect();
    if extra.is_empty() || call.status() == Some(401) {
        return;
    }
    if call.refused() {
        return context.held();
    }
    let Some(body) = success(call, context) else { return };
    let later = later();
    for (field, value) in extra {
        let views = std::iter::once((call, body)).chain(later.iter().copied());
        let mut views = views.filter_map(|(view, body)| Some((view, body.get(field)?)));
        let adopted = views.find(|(_, set)| is_adopted(field, value, set));
        context.check(adopted.is_none(), || {
            let operation = call.operation().map_or("", |it| it.id());
            let (view, set) = adopted.unwrap_or((call, value));
            let violation = Violation::new(
                format!("{operation} {field}"),
                format!("rejected, or `{field}` is ignored"),
                format!("`{field}` is {}, the requested value", shown(set)),
            );
            if view.seq == call.seq {
                violation.evidence(call)
            } else {
                violation.evidence(call).evidence(view)
            }
        });
    }
}

/// Returns whether a field has the requested value and would not have it otherwise.
fn is_adopted(field: &str, requested: &Value, set: &Value) -> bool {
    let id = |value: &Value| {
        UserId::from_json(value).or_else(|| value.get("id").and_then(UserId::from_json))
    };
    match field {
        "created_by" | "user" => id(requested).is_some() && id(requested) == id(set),
        "unread_count" | "participant_count" | "id" if requested.is_number() => {
            requested.as_i64().is_some_and(|number| number >= IMPLAUSIBLE) && requested == set
        }
        _ => !requested.is_null() && is_same(field, requested, set),
    }
}
