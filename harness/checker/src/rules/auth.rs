//! Family `auth`: how tokens are had, and what they must not open.

use hearback_contract::{Operation, RequirementId};
use hearback_history::Handshake;
use hearback_history::{Call, CloseOrigin, CredentialKind};
use serde_json::Value;

use crate::rule::{Rule, RuleInput};
use crate::rule_context::{RuleContext, Violation};

/// The rules of this family.
pub static RULES: &[Rule] = &[
    Rule { requirement: RequirementId::AuthTokenPair, check: token_pair },
    Rule {
        requirement: RequirementId::AuthWrongPasswordRefused,
        check: |input, context| {
            no_token(input, context, Operation::TokenObtain, &[CredentialKind::Garbage])
        },
    },
    Rule { requirement: RequirementId::AuthUnknownUserRefused, check: unknown_user_refused },
    Rule { requirement: RequirementId::AuthRefresh, check: refresh },
    Rule { requirement: RequirementId::AuthRefreshedTokenWorks, check: refreshed_token_works },
    Rule {
        requirement: RequirementId::AuthGarbageRefreshRefused,
        check: |input, context| {
            let kinds = [CredentialKind::Garbage, CredentialKind::Tampered];
            no_token(input, context, Operation::TokenRefresh, &kinds);
        },
    },
    Rule {
        requirement: RequirementId::AuthAccessAsRefreshRefused,
        check: |input, context| {
            no_token(input, context, Operation::TokenRefresh, &[CredentialKind::AccessAsRefresh]);
        },
    },
    Rule {
        requirement: RequirementId::AuthMissingTokenRefused,
        check: |input, context| opens_nothing(input, context, CredentialKind::Anonymous),
    },
    Rule {
        requirement: RequirementId::AuthGarbageTokenRefused,
        check: |input, context| opens_nothing(input, context, CredentialKind::Garbage),
    },
    Rule {
        requirement: RequirementId::AuthTamperedTokenRefused,
        check: |input, context| opens_nothing(input, context, CredentialKind::Tampered),
    },
    Rule {
        requirement: RequirementId::AuthAlgNoneRefused,
        check: |input, context| opens_nothing(input, context, CredentialKind::AlgNone),
    },
    Rule {
        requirement: RequirementId::AuthExpiredTokenRefused,
        check: |input, context| opens_nothing(input, context, CredentialKind::Expired),
    },
    Rule {
        requirement: RequirementId::AuthRefreshAsAccessRefused,
        check: |input, context| {
            opens_nothing(input, context, CredentialKind::RefreshAsAccess);
        },
    },
    Rule { requirement: RequirementId::AuthRefusedWith401, check: refused_with_401 },
    Rule {
        requirement: RequirementId::AuthSocketMissingTokenRefused,
        check: |input, context| opens_no_socket(input, context, CredentialKind::Anonymous),
    },
    Rule {
        requirement: RequirementId::AuthSocketGarbageTokenRefused,
        check: |input, context| opens_no_socket(input, context, CredentialKind::Garbage),
    },
    Rule {
        requirement: RequirementId::AuthSocketTamperedTokenRefused,
        check: |input, context| opens_no_socket(input, context, CredentialKind::Tampered),
    },
    Rule {
        requirement: RequirementId::AuthSocketAlgNoneRefused,
        check: |input, context| opens_no_socket(input, context, CredentialKind::AlgNone),
    },
    Rule {
        requirement: RequirementId::AuthSocketExpiredTokenRefused,
        check: |input, context| opens_no_socket(input, context, CredentialKind::Expired),
    },
    Rule {
        requirement: RequirementId::AuthSocketRefreshAsAccessRefused,
        check: |input, context| {
            opens_no_socket(input, context, CredentialKind::RefreshAsAccess);
        },
    },
];

/// Calls of a token operation with one kind of credential that were answered below 500.
fn answered<'h>(
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

fn text<'h>(call: &'h Call, name: &str) -> Option<&'h str> {
    call.success()?.get(name)?.as_str().filter(|text| !text.is_empty())
}

fn token_pair<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, status) in answered(input, Operation::TokenObtain, CredentialKind::Access) {
        let (access, refresh) = (text(call, "access"), text(call, "refresh"));
        let holds = access.is_some() && refresh.is_some() && access != refresh;
        context.check(holds, || {
            let actual = if status == 200 {
                format!(
                    "200, with {} and {}",
                    access.map_or("no `access`", |_| "`access`"),
                    refresh.map_or("no `refresh`", |_| "`refresh` (the same)")
                )
            } else {
                status.to_string()
            };
            Violation::new(
                "token.obtain",
                "200 with two different tokens, `access` and `refresh`",
                actual,
            )
            .evidence(call)
        });
    }
}

/// Whatever the status, a refused credential gives no token.
fn no_token<'h>(
    input: RuleInput<'h>,
    context: &mut RuleContext<'h>,
    operation: Operation,
    kinds: &[CredentialKind],
) {
    for kind in kinds {
        for (call, status) in answered(input, operation, *kind) {
            let token = ["access", "refresh"].into_iter().find(|name| {
                call.response().and_then(|body| body.get(name)).is_some_and(Value::is_string)
            });
            context.check(call.refused() && token.is_none(), || {
                let actual = match token {
                    Some(name) => format!("{status}, with a token in `{name}`"),
                    None => status.to_string(),
                };
                Violation::new(operation.id(), "a refusal, and no token", actual).evidence(call)
            });
        }
    }
}

fn unknown_user_refused<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    no_token(input, context, Operation::TokenObtain, &[CredentialKind::Anonymous]);
    let wrong_password = answered(input, Operation::TokenObtain, CredentialKind::Garbage).next();
    let unknown_user = answered(input, Operation::TokenObtain, CredentialKind::Anonymous).next();
    if let (Some((wrong, expected)), Some((unknown, actual))) = (wrong_password, unknown_user) {
        // A wrong password that is let in is another requirement's finding.
        if wrong.refused() && unknown.refused() {
            context.check(expected == actual, || {
                Violation::new(
                    "status",
                    format!("{expected}, as for a wrong password"),
                    format!("{actual}: it tells which users exist"),
                )
                .evidence(wrong)
                .evidence(unknown)
            });
        }
    }
}

fn refresh<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, status) in answered(input, Operation::TokenRefresh, CredentialKind::Access) {
        context.check(text(call, "access").is_some(), || {
            let actual = match status {
                200 => "200 without `access`".to_owned(),
                _ => status.to_string(),
            };
            Violation::new("token.refresh", "200 with a new `access`", actual).evidence(call)
        });
    }
}

fn refreshed_token_works<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in &input.history.calls {
        if call.invocation.credential.kind == CredentialKind::Refreshed
            && let Some(status) = call.status()
        {
            context.check(status != 401, || {
                Violation::new(
                    "access",
                    "not 401: the token was just obtained by refreshing",
                    "401",
                )
                .evidence(call)
            });
        }
    }
}

fn is_about_the_caller(call: &Call) -> bool {
    call.operation().is_some_and(|operation| operation.spec().authenticated)
}

fn opens_nothing<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>, kind: CredentialKind) {
    let calls = input
        .history
        .calls
        .iter()
        .filter(|call| call.invocation.credential.kind == kind && is_about_the_caller(call));
    for call in calls {
        let (Some(status), Some(operation)) = (call.status(), call.operation()) else { continue };
        if status >= 500 {
            context.inconclusive("answered 5xx: see status/no-server-error");
            continue;
        }
        context.check(!call.succeeded(), || {
            Violation::new(operation.id(), "401, and nothing done", status.to_string())
                .evidence(call)
        });
    }
}

fn refused_with_401<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in &input.history.calls {
        if call.is_authorized() || !is_about_the_caller(call) || !call.refused() {
            continue;
        }
        let status = call.status();
        context.check(status == Some(401), || {
            // A server decides this in one place as a rule: the kind of token is the variant.
            let variant = format!("{:?}", call.invocation.credential.kind);
            let actual = status.map(|status| status.to_string()).unwrap_or_default();
            Violation::new(variant, "401", actual).evidence(call)
        });
    }
}

fn opens_no_socket<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>, kind: CredentialKind) {
    for connection in &input.history.connections {
        if connection.credential.kind != kind {
            continue;
        }
        let opened = connection.established();
        let is_refused = match &connection.handshake {
            Handshake::Refused { status, .. } => status.is_some_and(|status| status < 500),
            Handshake::Accepted { .. } => connection.closed.as_ref().is_some_and(|closing| {
                closing.by == CloseOrigin::Server && !closing.is_unavailability()
            }),
            Handshake::Throttled { .. } | Handshake::Pending => false,
        };
        if opened.is_none() && !is_refused {
            context.inconclusive("the handshake was neither refused nor completed");
            continue;
        }
        context.check(opened.is_none(), || {
            let violation =
                Violation::new("handshake", "refused", "`connection_established` was received");
            match opened {
                Some(frame) => violation.evidence((connection, frame)),
                None => violation.evidence(connection),
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{assert_told_apart, verdict_of};
    use crate::verdict::State;

    /// Requirement, a history that breaks it, a history that it holds in.
    const CASES: &[(&str, &str, &str)] = &[
        (
            "auth/token-pair",
            r#"alice token.obtain {} => 200 {"access": "same", "refresh": "same"}"#,
            "alice token.obtain {} => 200 @token_pair {\"access\": \"a\", \"refresh\": \"b\"}",
        ),
        (
            "auth/wrong-password-refused",
            "alice[garbage] token.obtain {} => 200 @token_pair",
            "alice[garbage] token.obtain {} => 401 @error",
        ),
        (
            "auth/unknown-user-refused",
            "alice[garbage] token.obtain {} => 401 @error\nalice[anonymous] token.obtain {} => 404 @error",
            "alice[garbage] token.obtain {} => 401 @error\nalice[anonymous] token.obtain {} => 401 @error",
        ),
        (
            "auth/refresh",
            "alice token.refresh {} => 401 @error",
            r#"alice token.refresh {} => 200 {"access": "x"}"#,
        ),
        (
            "auth/refreshed-token-works",
            "alice[refreshed] rooms.list => 401 @error",
            "alice[refreshed] rooms.list => 200 @page_of_rooms",
        ),
        (
            "auth/garbage-refresh-refused",
            r#"alice[tampered] token.refresh {} => 200 {"access": "x"}"#,
            "alice[garbage] token.refresh {} => 401 @error",
        ),
        (
            "auth/access-as-refresh-refused",
            r#"alice[access-as-refresh] token.refresh {} => 200 {"access": "x"}"#,
            "alice[access-as-refresh] token.refresh {} => 401 @error",
        ),
        (
            "auth/missing-token-refused",
            "alice[anonymous] rooms.list => 200 @page_of_rooms",
            "alice[anonymous] rooms.list => 401 @error",
        ),
        (
            "auth/garbage-token-refused",
            "alice[garbage] rooms.leave $r1 => 200 {}",
            "alice[garbage] rooms.leave $r1 => 403 @error",
        ),
        (
            "auth/tampered-token-refused",
            "alice[tampered] rooms.leave $r1 => 200 {}",
            "alice[tampered] rooms.leave $r1 => 401 @error",
        ),
        (
            "auth/alg-none-refused",
            "alice[alg-none] rooms.leave $r1 => 200 {}",
            "alice[alg-none] rooms.leave $r1 => 401 @error",
        ),
        (
            "auth/expired-token-refused",
            "alice[expired] rooms.leave $r1 => 200 {}",
            "alice[expired] rooms.leave $r1 => 401 @error",
        ),
        (
            "auth/refresh-as-access-refused",
            "alice[refresh-as-access] rooms.leave $r1 => 200 {}",
            "alice[refresh-as-access] rooms.leave $r1 => 401 @error",
        ),
        (
            "auth/refused-with-401",
            "alice[expired] rooms.leave $r1 => 403 @error",
            "alice[expired] rooms.leave $r1 => 401 @error\nalice rooms.leave $r1 => 403 @error",
        ),
        (
            "auth/socket-missing-token-refused",
            "alice[anonymous]@r1 open",
            "alice[anonymous]@r1 refused 401",
        ),
        (
            "auth/socket-garbage-token-refused",
            "alice[garbage]@r1 open",
            "alice[garbage]@r1 mute-open\nalice[garbage]@r1 close 4001",
        ),
        (
            "auth/socket-tampered-token-refused",
            "alice[tampered]@r1 open",
            "alice[tampered]@r1 refused 403",
        ),
        (
            "auth/socket-alg-none-refused",
            "alice[alg-none]@r1 open",
            "alice[alg-none]@r1 refused 401",
        ),
        (
            "auth/socket-expired-token-refused",
            "alice[expired]@r1 open",
            "alice[expired]@r1 refused 401",
        ),
        (
            "auth/socket-refresh-as-access-refused",
            "alice[refresh-as-access]@r1 open",
            "alice[refresh-as-access]@r1 refused 401",
        ),
    ];

    #[test]
    fn each_rule_tells_the_broken_from_the_clean() {
        assert_told_apart(CASES);
        assert_eq!(CASES.len(), super::RULES.len());
    }

    #[test]
    fn a_socket_that_was_never_answered_shows_nothing() {
        let verdict = verdict_of("auth/socket-garbage-token-refused", "bob[garbage]@r1 mute-open");
        assert_eq!(verdict.state, State::Undecided);
        for ending in
            ["refused", "refused 503", "throttled 403", "mute-open\nbob[garbage]@r1 close 1013"]
        {
            let history = format!("bob[garbage]@r1 {ending}");
            let verdict = verdict_of("auth/socket-garbage-token-refused", &history);
            assert_eq!(verdict.state, State::Undecided, "{ending}");
        }
    }

    #[test]
    fn the_same_hole_in_one_operation_is_one_finding() {
        let verdict = verdict_of(
            "auth/tampered-token-refused",
            "alice[tampered] rooms.list => 200 {}\nbob[tampered] rooms.list => 200 {}",
        );
        assert_eq!(verdict.findings.len(), 1);
        assert_eq!(verdict.findings[0].count, 2);
    }
}
