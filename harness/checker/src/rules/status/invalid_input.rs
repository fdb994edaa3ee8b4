//! A body that the operation does not accept is rejected with 400.
//!
//! Only defects that every server must notice count: broken JSON, JSON that is not an object, and a
//! missing required field. JSON that parsers disagree about is left out, as are callers without a
//! valid token. The examples show `room_type` and `muted` in each request, but do not require them:
//! a server may have a default (missing-fields). Login may reject missing credentials like wrong
//! ones. 3xx and 5xx are undecided because other requirements report them.

use hearback_contract::{Operation, RequestBody, RequirementId};
use hearback_history::Call;
use serde_json::Value;

use super::responses::responses;
use crate::model::is_ambiguous;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::violated_by;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::StatusInvalidInput, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, operation, status) in responses(input) {
        if operation.spec().authenticated && !call.is_authorized() {
            continue;
        }
        let Some(defect) = defect(call, operation) else { continue };
        if call.succeeded() && lacks_only_a_default(call, operation) {
            continue;
        }
        if let Some(violated) = violated_by(status) {
            context.inconclusive(Reason::Violates(violated));
            continue;
        }
        let is_login = matches!(operation, Operation::TokenObtain | Operation::TokenRefresh);
        context.check(status == 400 || (is_login && status == 401), || {
            let variant = format!("{}, {defect}", operation.id());
            Violation::new(variant, format!("400 for {defect}"), status.to_string()).evidence(call)
        });
    }
}

/// Returns true if nothing is wrong with the body but a missing field for which a server may have a
/// default (missing-fields).
fn lacks_only_a_default(call: &Call, operation: Operation) -> bool {
    let is_defaulted = matches!(operation, Operation::RoomsCreate | Operation::ParticipantsMute);
    let is_empty = || call.invocation.body.as_ref().is_none_or(|body| body.is_empty());
    is_defaulted && call.request.as_ref().map_or_else(is_empty, Value::is_object)
}

/// The defect for which every server must reject the body, if there is one.
fn defect(call: &Call, operation: Operation) -> Option<&'static str> {
    if operation.spec().body == RequestBody::None {
        return None;
    }
    let content_type = call.invocation.content_type.as_deref()?;
    if !content_type.starts_with("application/json") {
        return None;
    }
    let required: &[&str] = match operation {
        Operation::TokenObtain => &["username", "password"],
        Operation::TokenRefresh => &["refresh"],
        Operation::RoomsCreate => &["room_type"],
        Operation::MessagesSend => &["room"],
        Operation::ParticipantsAdd => &["room", "user"],
        Operation::ParticipantsMute => &["muted"],
        _ => &[],
    };
    let Some(body) = &call.request else {
        let text = call.invocation.body.as_ref()?.as_text()?;
        // An empty body is not malformed: a server may read it as an object without fields.
        if text.trim().is_empty() {
            return (!required.is_empty()).then_some("an empty body");
        }
        // Parsers disagree about halves of surrogate pairs and about `NaN`.
        return (!is_ambiguous(text)).then_some("broken JSON");
    };
    let Some(members) = body.as_object() else { return Some("JSON that is not an object") };
    required.iter().any(|name| !members.contains_key(*name)).then_some("a required field missing")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hearback_testkit::dsl;

    use super::defect;
    use crate::rules::testing::{assert_detects, assert_states, verdict_of};
    use crate::verdict::State;

    #[test]
    fn another_rejection_is_a_violation() {
        assert_detects(
            "status/invalid-input",
            r#"alice messages.send {"content": "x"} => 404 @error"#,
            r#"alice messages.send {"content": "x"} => 400 @error"#,
        );
    }

    #[test]
    fn fields_with_a_default_may_be_missing() {
        use State::{Broken, Held, NotExercised};
        const RULE: &str = "status/invalid-input";
        assert_states(&[
            (RULE, NotExercised, r#"alice rooms.create {"name": "x"} => 201 @room"#),
            (RULE, Held, r#"alice rooms.create {"name": "x"} => 400 @error"#),
            (RULE, Broken, r#"alice rooms.create {"name": "x"} => 404 @error"#),
            (RULE, NotExercised, "alice participants.mute 12 {} => 200 @participant"),
            (RULE, Held, "alice participants.mute 12 {} => 400 @error"),
            (RULE, Broken, r#"alice participants.add {"user": 2} => 201 @participant"#),
            (RULE, Held, r#"alice token.obtain {"username": "x"} => 401 @error"#),
            (RULE, Broken, r#"alice token.obtain {"username": "x"} => 404 @error"#),
        ]);
    }

    #[test]
    fn an_empty_body_is_invalid_only_if_a_field_is_required() {
        for (request, expected) in
            [("messages.edit $m1", None), ("messages.send", Some("an empty body"))]
        {
            let history = dsl::parse(&format!("alice {request} {{}} => 400 @error")).unwrap();
            let mut call = history.calls[0].clone();
            Arc::make_mut(&mut call.invocation).body = Some(String::new().into());
            call.request = None;
            assert_eq!(defect(&call, call.operation().unwrap()), expected);
        }
    }

    #[test]
    fn a_call_of_unknown_outcome_shows_nothing() {
        let verdict = verdict_of("status/invalid-input", "alice rooms.get $r1 => ?");
        assert_eq!(verdict.state, State::NotExercised);
    }
}
