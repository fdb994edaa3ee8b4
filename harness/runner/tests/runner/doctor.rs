//! Examinations of targets.

use std::time::Duration;

use hearback_results::{Diagnosed, DiagnosedState, Diagnosis, ExitStatus};
use hearback_runner::{Context, TargetUnderTest, diagnose};
use serde_json::Value;

use crate::altered::{Altered, Changes};

const TOKEN: &str = "/api/token/";

const THREE: [(&str, &str); 3] = [("alice@example.com", ""), ("bob", ""), ("carol", "")];

async fn examined(target: TargetUnderTest) -> Diagnosis {
    diagnose(target, Duration::from_secs(30), &Context::default()).await.unwrap()
}

fn check<'a>(diagnosis: &'a Diagnosis, id: &str) -> &'a Diagnosed {
    diagnosis.checks.iter().find(|check| check.id == id).expect("a known check")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_that_requires_an_origin_is_explained() {
    let changes = Changes { requires_origin: true, ..Changes::default() };
    let server = Altered::start(changes).await;
    let diagnosis = examined(server.target(&THREE)).await;
    assert_eq!(diagnosis.exit_status(), ExitStatus::Passed, "{diagnosis:#?}");
    let found = &check(&diagnosis, "handshake").found;
    assert!(found.starts_with("with Origin: opens; without: fails (403"), "{found}");
    let identity = &check(&diagnosis, "identity").found;
    assert_eq!(identity, "alice@example.com is 1 (alice), bob is 2, carol is 3");
    assert_eq!(server.requests("POST", TOKEN), 3, "one login per account");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_archived_rooms_is_left_behind() {
    let server = Altered::start(Changes::default()).await;
    let created = || server.requests("POST", "/api/chat/rooms/");
    let diagnosis = examined(server.target(&THREE)).await;
    assert_eq!(created(), 4, "three for the identities, one for the handshakes");
    let archived = check(&diagnosis, "direct-rooms");
    assert_eq!(archived.found, "3 of 3 pairs of accounts share none");
    assert_eq!(server.archived(), created());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_refused_login_no_other_account_tries() {
    let refuse: fn(&str, &str, usize) -> Option<u16> =
        |_, path, number| (path == TOKEN && number == 1).then_some(401);
    let server = Altered::start(Changes { refuse: Some(refuse), ..Changes::default() }).await;
    let diagnosis = examined(server.target(&THREE)).await;
    let login = check(&diagnosis, "login");
    assert_eq!(login.state, DiagnosedState::Failed);
    assert!(login.found.starts_with("1 of 3: ") && login.found.contains("`bob`"), "{login:?}");
    assert!(login.advice.as_deref().is_some_and(|it| it.contains("password")), "{login:?}");
    assert_eq!(server.requests("POST", TOKEN), 2);
    assert_eq!(check(&diagnosis, "handshake").state, DiagnosedState::Skipped);
    assert_eq!(diagnosis.exit_status(), ExitStatus::Unfinished);
}

#[tokio::test(flavor = "multi_thread")]
async fn throttled_logins_are_a_warning() {
    let refuse: fn(&str, &str, usize) -> Option<u16> =
        |_, path, number| (path == TOKEN && number == 1).then_some(429);
    let server = Altered::start(Changes { refuse: Some(refuse), ..Changes::default() }).await;
    let diagnosis = examined(server.target(&THREE)).await;
    let throttles = check(&diagnosis, "throttles");
    assert_eq!(throttles.state, DiagnosedState::Warning, "{diagnosis:#?}");
    assert!(throttles.found.starts_with("token.obtain answered 429 once"), "{throttles:?}");
    assert!(throttles.advice.as_deref().is_some_and(|it| it.contains("access")), "{throttles:?}");
    assert_eq!(diagnosis.exit_status(), ExitStatus::Passed);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_ids_are_usage_errors() {
    let server = Altered::start(Changes::default()).await;
    let accounts = [("alice", "id = 2"), ("bob", "id = 1"), ("carol", "")];
    let diagnosis = examined(server.target(&accounts)).await;
    let identity = check(&diagnosis, "identity");
    assert_eq!(identity.state, DiagnosedState::Usage, "{identity:?}");
    assert!(identity.found.contains('2') && identity.found.contains('1'), "{identity:?}");
    assert_eq!(diagnosis.exit_status(), ExitStatus::Usage);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_not_this_api_ends_the_examination() {
    let rewrite: fn(&str, &str, &mut Value) = |_, _, json| *json = Value::Null;
    let refuse: fn(&str, &str, usize) -> Option<u16> = |_, _, _| Some(404);
    let changes = Changes { refuse: Some(refuse), rewrite: Some(rewrite), ..Changes::default() };
    let server = Altered::start(changes).await;
    let diagnosis = examined(server.target(&THREE)).await;
    assert_eq!(check(&diagnosis, "gateway").state, DiagnosedState::Failed);
    assert!(check(&diagnosis, "gateway").advice.is_some());
    assert_eq!(server.requests("POST", TOKEN), 0);
}
