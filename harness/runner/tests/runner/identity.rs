//! Learning which users the accounts are.

use hearback_history::{History, RunEnd};
use hearback_runner::{Context, RunError, TargetUnderTest, check};
use serde_json::{Value, json};

use crate::altered::{Altered, Changes};
use crate::support::{run, scenarios, unarchived};

const ROOMS: &str = "/api/chat/rooms/";

async fn checked(target: TargetUnderTest) -> Result<History, RunError> {
    let run = run("room/stats");
    let scenarios = scenarios(&run);
    let (history, _) =
        check::check(&run, target, scenarios, &Context::default(), Vec::new()).await?;
    assert_eq!(unarchived(&history), Vec::<String>::new());
    Ok(history)
}

/// User ids and usernames of actors.
fn users(history: &History) -> Vec<(Option<i64>, Option<&str>)> {
    let actors = history.actors.values();
    actors.map(|it| (it.user_id.map(|id| id.get()), it.username.as_deref())).collect()
}

/// The run of alice and bob.
async fn of_two(changes: Changes) -> Result<History, RunError> {
    let server = Altered::start(changes).await;
    checked(server.target(&[("alice", ""), ("bob", "")])).await
}

const BOTH: [(Option<i64>, Option<&str>); 2] = [(Some(1), Some("alice")), (Some(2), Some("bob"))];

fn without(names: &[&str], value: &mut Value) {
    if let Value::Object(object) = value {
        object.retain(|name, _| !names.contains(&name.as_str()));
        object.values_mut().for_each(|value| without(names, value));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn login_names_may_differ_from_usernames() {
    let server = Altered::start(Changes::default()).await;
    let target = server.target(&[("alice@example.com", ""), ("bob@example.com", "")]);
    let history = checked(target).await.unwrap();
    assert_eq!(users(&history), BOTH);
    assert_eq!(history.end, Some(RunEnd::Completed));
    let lacks_id = |(_, reason): &&(_, String)| reason.contains("user id");
    assert_eq!(history.skipped_scenarios.iter().find(lacks_id), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_request_does_not_leave_a_user_unknown() {
    for status in [403, 502] {
        let refuse = match status {
            403 => |method: &str, path: &str, number| {
                (method == "POST" && path == ROOMS && number < 2).then_some(403)
            },
            _ => |method: &str, path: &str, number| {
                let is_asked = (method == "POST" && path == ROOMS) || path.starts_with("/ws");
                let is_first = is_asked && number < 1;
                is_first.then_some(502)
            },
        };
        let history = of_two(Changes { refuse: Some(refuse), ..Changes::default() }).await.unwrap();
        assert_eq!(users(&history), BOTH, "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_that_state_nothing_or_lie_are_outvoted() {
    let trimmed: fn(&str, &str, &mut Value) = |method, path, json| {
        if method == "POST" && path == ROOMS {
            without(&["created_by", "participants"], json);
        }
    };
    let wrong_creator: fn(&str, &str, &mut Value) = |_, _, json| {
        if let Some(creator) = json.get_mut("created_by") {
            *creator = json!({"id": 7, "username": "grace"});
        }
    };
    for rewrite in [trimmed, wrong_creator] {
        let changes = Changes { rewrite: Some(rewrite), ..Changes::default() };
        assert_eq!(users(&of_two(changes).await.unwrap()), BOTH);
    }
    // Claims of every token: {"user_id": 7}.
    let token: fn(usize) -> String = |number| format!("e30.eyJ1c2VyX2lkIjogN30.{number}");
    let changes = Changes { token: Some(token), ..Changes::default() };
    assert_eq!(users(&of_two(changes).await.unwrap()), BOTH);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_that_no_source_states_is_a_usage_error() {
    let rewrite: fn(&str, &str, &mut Value) =
        |_, _, json| without(&["created_by", "participants", "sender"], json);
    let refuse: fn(&str, &str, usize) -> Option<u16> =
        |_, path, _| path.starts_with("/ws").then_some(500);
    let changes = || Changes {
        rewrite: Some(rewrite),
        refuse: Some(refuse),
        token: Some(|number| format!("opaque-token-{number}")),
        ..Changes::default()
    };
    let server = Altered::start(changes()).await;
    let error = checked(server.target(&[("alice", "")])).await.unwrap_err();
    let text = error.to_string();
    assert!(error.is_usage(), "{text}");
    for part in ["`alice` is unknown", "token claims: none", "`created_by`", "500", "`sender`"] {
        assert!(text.contains(part), "{text}");
    }
    // With its id in the accounts file, nothing is missing.
    let server = Altered::start(changes()).await;
    let history = checked(server.target(&[("alice", "id = 1")])).await.unwrap();
    assert_eq!(users(&history), [(Some(1), None)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_create_no_rooms_are_identified_in_a_room_of_another() {
    let server = Altered::start(Changes::default()).await;
    let guest = ("bob@example.com", "creates_rooms = false");
    let history = checked(server.target(&[("alice", ""), guest])).await.unwrap();
    assert_eq!(users(&history), BOTH);
    // An id that neither a token nor a response confirms is tested against a room.
    let opaque =
        || Changes { token: Some(|number| format!("opaque-{number}")), ..Changes::default() };
    let server = Altered::start(opaque()).await;
    let wrong = ("bob", "creates_rooms = false\nid = 3");
    let error = checked(server.target(&[("alice", ""), wrong])).await.unwrap_err();
    assert!(matches!(error, RunError::NotTheUser { .. }) && error.is_usage(), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_of_one_user_are_an_error() {
    let server = Altered::start(Changes::default()).await;
    let error = checked(server.target(&[("bob@example.com", ""), ("bob", "")])).await.unwrap_err();
    let text = error.to_string();
    assert!(error.is_usage() && text.contains("`bob@example.com` and `bob`"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_rooms_is_not_complete() {
    let refuse: fn(&str, &str, usize) -> Option<u16> =
        |method, path, _| (method == "POST" && path == ROOMS).then_some(500);
    let history = of_two(Changes { refuse: Some(refuse), ..Changes::default() }).await.unwrap();
    let Some(RunEnd::Aborted { reason }) = &history.end else { panic!("{:?}", history.end) };
    assert!(reason.contains("alice, bob"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_fails_once_is_repeated() {
    let refuse: fn(&str, &str, usize) -> Option<u16> =
        |_, path, number| (path == "/api/token/" && number < 2).then_some(502);
    let history = of_two(Changes { refuse: Some(refuse), ..Changes::default() }).await.unwrap();
    assert_eq!(users(&history), BOTH);
}
