//! Family `status`: statuses and error bodies.

mod silence;

use hearback_contract::{Method, Operation, RequestBody, RequirementId, schemas};
use hearback_history::{Call, synthetic_ids};
use serde_json::Value;

use crate::model::is_ambiguous;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::{NO_JSON, looked_at_elsewhere};

/// The rules of this family.
pub static RULES: &[Rule] = &[
    Rule { requirement: RequirementId::StatusDocumented, check: documented },
    Rule { requirement: RequirementId::StatusNoServerError, check: no_server_error },
    Rule { requirement: RequirementId::StatusAnswers, check: silence::answers },
    Rule { requirement: RequirementId::StatusInTime, check: silence::in_time },
    Rule { requirement: RequirementId::StatusCreated, check: created },
    Rule { requirement: RequirementId::StatusOk, check: ok },
    Rule { requirement: RequirementId::StatusErrorBody, check: error_body },
    Rule { requirement: RequirementId::StatusUnknownId, check: unknown_id },
    Rule { requirement: RequirementId::StatusInvalidInput, check: invalid_input },
    Rule { requirement: RequirementId::StatusRequiredQuery, check: required_query },
];

/// Bodies above this length may be refused for it alone, in bytes (huge-requests).
const LONG_BODY: usize = 64 * 1024;

/// Paths and queries above this length may be refused for it alone, in bytes (huge-requests).
const LONG_ADDRESS: usize = 1024;

/// Calls of documented operations that were answered, with operation and status.
fn answered<'h>(input: RuleInput<'h>) -> impl Iterator<Item = (&'h Call, Operation, u16)> {
    input.history.calls.iter().filter_map(|call| Some((call, call.operation()?, call.status()?)))
}

fn is_creation(operation: Operation) -> bool {
    operation.spec().success.contains(&201)
}

fn documented<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, operation, status) in answered(input).filter(|(_, _, status)| *status < 500) {
        let spec = operation.spec();
        // 415 is how many a framework says that a content type is none of the documented ones.
        let is_other_type = status == 415 && is_undocumented_content_type(call);
        let is_too_long = is_too_long(call, status);
        // Which status success has is for status/ok and status/created to say.
        let is_success = (200..300).contains(&status);
        let holds = is_success || spec.refusals.contains(&status) || is_other_type || is_too_long;
        context.check(holds, || {
            let expected = format!("success, or one of {:?}", spec.refusals);
            let actual = match status {
                300..400 => format!("{status}, and redirects are not followed"),
                _ => status.to_string(),
            };
            Violation::new(operation.id(), expected, actual).evidence(call)
        });
    }
}

/// Whether a proxy or framework says that the body, or the address, is longer than it takes (huge-requests).
fn is_too_long(call: &Call, status: u16) -> bool {
    let invocation = &call.invocation;
    let body = invocation.body.as_ref().map_or(0, |body| body.to_bytes().len());
    let query: usize = invocation.query.iter().map(|(name, value)| name.len() + value.len()).sum();
    match status {
        413 => body > LONG_BODY,
        414 | 431 => query + invocation.path.len() > LONG_ADDRESS,
        _ => false,
    }
}

fn is_undocumented_content_type(call: &Call) -> bool {
    call.invocation.content_type.as_deref().is_some_and(|content_type| {
        !content_type.starts_with("application/json")
            && !content_type.starts_with("multipart/form-data")
    })
}

fn no_server_error<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, operation, status) in answered(input) {
        context.check(status < 500, || {
            Violation::new(operation.id(), "a status below 500", status.to_string()).evidence(call)
        });
    }
}

fn created<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, operation, status) in answered(input) {
        if !is_creation(operation) || !call.succeeded() {
            continue;
        }
        let field = |name| call.request.as_ref().and_then(|request| request.get(name));
        // second-direct-room, readd-member: these may have been there before.
        let may_exist = operation == Operation::ParticipantsAdd
            || field("room_type") == Some(&Value::from("direct"));
        context.check(status == 201 || (status == 200 && may_exist), || {
            Violation::new(operation.id(), "201 Created", status.to_string()).evidence(call)
        });
    }
}

fn ok<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, operation, status) in answered(input) {
        if is_creation(operation) || !call.succeeded() {
            continue;
        }
        let is_deletion = operation.spec().method == Method::Delete;
        context.check(status == 200 || (status == 204 && is_deletion), || {
            let expected = if is_deletion { "200 or 204" } else { "200 OK" };
            Violation::new(operation.id(), expected, status.to_string()).evidence(call)
        });
    }
}

fn error_body<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, operation, status) in answered(input).filter(|(call, _, _)| call.refused()) {
        if call.is_unreadable() {
            context.inconclusive(NO_JSON);
            continue;
        }
        let violations = call.response().map(|body| schemas::error().violations(body));
        let holds = violations.as_ref().is_some_and(Vec::is_empty);
        context.check(holds, || {
            let actual = match violations.as_ref().and_then(|violations| violations.first()) {
                Some(schema_violation) => format!("{status}: {schema_violation}"),
                None => format!("{status}, and no JSON"),
            };
            let variant = format!("{} {status}", operation.id());
            Violation::new(variant, "an object with the strings `error` and `detail`", actual)
                .evidence(call)
        });
    }
}

/// Whether the id was made up to ask for what does not exist.
fn is_made_up(operation: Operation, id: &str) -> bool {
    match operation {
        Operation::ParticipantsRemove | Operation::ParticipantsMute => {
            id.parse::<i64>().is_ok_and(|number| number >= synthetic_ids::NUMBER)
        }
        _ => synthetic_ids::is_uuid(id),
    }
}

fn unknown_id<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    // Where outsiders get 403, a server may give it for ids that do not exist, too: it leaks less.
    for (call, operation, status) in answered(input).filter(|(call, _, _)| call.is_authorized()) {
        let Some(id) = call.subject() else { continue };
        if !is_made_up(operation, id) {
            continue;
        }
        if let Some(elsewhere) = looked_at_elsewhere(status) {
            context.inconclusive(elsewhere);
            continue;
        }
        context.check(matches!(status, 404 | 403), || {
            Violation::new(operation.id(), "404: there is nothing with this id", status.to_string())
                .evidence(call)
        });
    }
}

/// What makes a body one that the operation does not take, if anything does; only what is sure.
fn defect(call: &Call, operation: Operation) -> Option<&'static str> {
    if operation.spec().body == RequestBody::None {
        return None;
    }
    let content_type = call.invocation.content_type.as_deref()?;
    if !content_type.starts_with("application/json") {
        return None;
    }
    let Some(body) = &call.request else {
        let text = call.invocation.body.as_ref()?.as_text()?;
        // What one parser refuses may pass another: halves of surrogate pairs, `NaN`.
        return (!is_ambiguous(text)).then_some("broken JSON");
    };
    let Some(members) = body.as_object() else { return Some("JSON that is no object") };
    let required: &[&str] = match operation {
        Operation::TokenObtain => &["username", "password"],
        Operation::TokenRefresh => &["refresh"],
        Operation::RoomsCreate => &["room_type"],
        Operation::MessagesSend => &["room"],
        Operation::ParticipantsAdd => &["room", "user"],
        Operation::ParticipantsMute => &["muted"],
        _ => &[],
    };
    required.iter().any(|name| !members.contains_key(*name)).then_some("a required field missing")
}

fn invalid_input<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, operation, status) in answered(input) {
        if operation.spec().authenticated && !call.is_authorized() {
            continue;
        }
        let Some(defect) = defect(call, operation) else { continue };
        if let Some(elsewhere) = looked_at_elsewhere(status) {
            context.inconclusive(elsewhere);
            continue;
        }
        context.check(status == 400, || {
            let variant = format!("{}, {defect}", operation.id());
            Violation::new(variant, format!("400 for {defect}"), status.to_string()).evidence(call)
        });
    }
}

fn required_query<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, operation, status) in answered(input).filter(|(call, _, _)| call.is_authorized()) {
        if !matches!(operation, Operation::MessagesList | Operation::ParticipantsList) {
            continue;
        }
        let defect = match call.query("room") {
            None => "without `room`",
            Some(room) if !looks_like_uuid(room) => "with a `room` that is no UUID",
            Some(_) => continue,
        };
        if let Some(elsewhere) = looked_at_elsewhere(status) {
            context.inconclusive(elsewhere);
            continue;
        }
        context.check(matches!(status, 400 | 404), || {
            let variant = format!("{} {defect}", operation.id());
            Violation::new(variant, format!("400 or 404 {defect}"), status.to_string())
                .evidence(call)
        });
    }
}

fn looks_like_uuid(text: &str) -> bool {
    let digits = text.bytes().filter(|byte| *byte != b'-');
    digits.clone().count() == 32 && digits.clone().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{assert_told_apart, verdict_of};
    use crate::verdict::State;

    const CASES: &[(&str, &str, &str)] = &[
        (
            "status/documented",
            "alice rooms.get $r1 => 418 @error",
            "alice rooms.get $r1 => 404 @error",
        ),
        (
            "status/no-server-error",
            "alice rooms.get $r1 => 500 @error",
            "alice rooms.get $r1 => 404 @error",
        ),
        (
            "status/created",
            r#"alice rooms.create {"room_type": "group"} => 200 @room"#,
            r#"alice rooms.create {"room_type": "direct"} => 200 @room"#,
        ),
        ("status/ok", "alice rooms.mark_read $r1 => 202 {}", "alice messages.delete $m1 => 204"),
        (
            "status/error-body",
            r#"alice rooms.get $r1 => 404 {"detail": "Not found."}"#,
            "alice rooms.get $r1 => 404 @error",
        ),
        (
            "status/unknown-id",
            "alice rooms.leave 0123abcd-0000-4000-8000-000000000000 => 200 {}",
            "alice participants.mute 2147483647 {\"muted\": true} => 404 @error",
        ),
        (
            "status/invalid-input",
            r#"alice messages.send {"content": "x"} => 404 @error"#,
            r#"alice messages.send {"content": "x"} => 400 @error"#,
        ),
        (
            "status/required-query",
            "alice messages.list ?room=not-a-uuid => 200 @page_of_messages",
            "alice participants.list => 400 @error",
        ),
    ];

    #[test]
    fn each_rule_tells_the_broken_from_the_clean() {
        assert_told_apart(CASES);
        // Those of silence have their tests beside them.
        assert_eq!(CASES.len() + 2, super::RULES.len());
    }

    #[test]
    fn a_redirect_is_one_finding() {
        let redirect = "alice rooms.leave 0123abcd-0000-4000-8000-000000000000 => 307 {}";
        let verdict = verdict_of("status/documented", redirect);
        assert_eq!(verdict.findings[0].actual, "307, and redirects are not followed");
        assert_eq!(verdict_of("status/unknown-id", redirect).state, State::Undecided);
        let redirect = "alice rooms.get not-an-id => 301 {}";
        assert_eq!(verdict_of("input/malformed-id-refused", redirect).state, State::Undecided);
        assert_eq!(verdict_of("input/malformed-id-refused", redirect).findings, []);
    }

    #[test]
    fn an_unanswered_call_shows_nothing() {
        for (requirement, _, _) in CASES {
            let verdict = verdict_of(requirement, "alice rooms.get $r1 => ?");
            assert_eq!(verdict.state, State::NotExercised, "{requirement}");
        }
    }
}
