//! Fields that a request does not have, and that an answer holds all the same.

use hearback_history::Call;
use serde_json::Value;

use super::answer::{shown, success};
use super::message::field_comparison::is_same;
use crate::rule_context::{RuleContext, Violation};

/// Counts from here on are no coincidence.
const ABSURD: i64 = 50;

/// Looks at each of `fields` that the request has and that are the server's to set: refused, or not
/// adopted. `later` gives views of the same thing that came after.
pub(super) fn check<'h>(
    call: &'h Call,
    fields: &[&'static str],
    later: impl FnOnce() -> Vec<(&'h Call, &'h Value)>,
    context: &mut RuleContext<'h>,
) {
    let asked = |field| call.request.as_ref().and_then(|body| body.get(field));
    let smuggled: Vec<_> = fields.iter().filter_map(|it| Some((*it, asked(*it)?))).collect();
    if smuggled.is_empty() || call.status() == Some(401) {
        return;
    }
    if call.refused() {
        return context.held();
    }
    let Some(body) = success(call, context) else { return };
    let later = later();
    for (field, value) in smuggled {
        let views = std::iter::once((call, body)).chain(later.iter().copied());
        let mut views = views.filter_map(|(view, body)| Some((view, body.get(field)?)));
        let adopted = views.find(|(_, set)| is_adopted(field, value, set));
        context.check(adopted.is_none(), || {
            let operation = call.operation().map_or("", |it| it.id());
            let (view, set) = adopted.unwrap_or((call, value));
            let violation = Violation::new(
                format!("{operation} {field}"),
                format!("refused, or `{field}` is left to the server"),
                format!("`{field}` is {}, as the request had it", shown(set)),
            );
            if view.seq == call.seq {
                violation.evidence(call)
            } else {
                violation.evidence(call).evidence(view)
            }
        });
    }
}

/// Whether a field is as asked, and would not have been so by itself.
fn is_adopted(field: &str, asked: &Value, set: &Value) -> bool {
    let id = |value: &Value| value.as_i64().or_else(|| value.get("id")?.as_i64());
    match field {
        "created_by" | "user" => id(asked).is_some() && id(asked) == id(set),
        "unread_count" | "participant_count" | "id" if asked.is_number() => {
            asked.as_i64().is_some_and(|number| number >= ABSURD) && asked == set
        }
        _ => !asked.is_null() && is_same(field, asked, set),
    }
}
