//! Calls of the two token operations, and what they must not hand out.

use hearback_contract::Operation;
use hearback_history::{Call, CredentialKind};
use serde_json::Value;

use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::violation::Violation;

/// Calls of a token operation with one kind of credential and a status below 500.
pub(super) fn answered<'h>(
    input: RuleInput<'h>,
    operation: Operation,
    kind: CredentialKind,
) -> impl Iterator<Item = (&'h Call, u16)> {
    input
        .history
        .calls_of(operation)
        .filter(move |call| call.invocation.credential.kind == kind)
        .filter_map(|call| Some((call, call.status().filter(|status| *status < 500)?)))
}

/// A member of a successful response that is a non-empty string.
pub(super) fn text<'h>(call: &'h Call, name: &str) -> Option<&'h str> {
    call.success()?.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// Checks that `operation` rejects credentials of these `kinds` and that no response contains a
/// token.
pub(super) fn check_no_token<'h>(
    input: RuleInput<'h>,
    context: &mut RuleContext<'h>,
    operation: Operation,
    kinds: &[CredentialKind],
) {
    for kind in kinds {
        for (call, status) in answered(input, operation, *kind) {
            check_refusal(context, operation, call, status);
        }
    }
}

/// Checks that a call was rejected, and that its response contains no token.
pub(super) fn check_refusal<'h>(
    context: &mut RuleContext<'h>,
    operation: Operation,
    call: &'h Call,
    status: u16,
) {
    let token = ["access", "refresh"]
        .into_iter()
        .find(|name| call.response().and_then(|body| body.get(name)).is_some_and(Value::is_string));
    context.check(call.refused() && token.is_none(), || {
        let actual = match token {
            Some(name) => format!("{status}, with a token in `{name}`"),
            None => status.to_string(),
        };
        Violation::new(operation.id(), "a refusal, and no token", actual).evidence(call)
    });
}

/// Returns whether the call is of a documented operation that requires an access token.
pub(super) fn requires_token(call: &Call) -> bool {
    call.operation().is_some_and(|operation| operation.spec().authenticated)
}
