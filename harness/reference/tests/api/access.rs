//! Tokens, and rejected requests.

use std::time::Duration;

use hearback_reference::Options;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Socket, answer, lab, lab_with};

#[tokio::test]
async fn tokens_are_issued_and_refreshed() {
    let lab = lab().await;
    let base = lab.server.base_url();
    let tokens = answer(
        lab.client
            .post(format!("{base}/token/"))
            .json(&json!({ "username": "bob", "password": "bob-password" })),
    )
    .await
    .ok();
    let refresh = |token: &Value| {
        lab.client.post(format!("{base}/token/refresh/")).json(&json!({ "refresh": token }))
    };
    let refreshed = answer(refresh(&tokens["refresh"])).await.ok();
    let list = lab.client.get(format!("{base}/chat/rooms/"));
    answer(list.bearer_auth(refreshed["access"].as_str().unwrap())).await.ok();

    answer(refresh(&tokens["access"])).await.refused(401);
    answer(refresh(&json!("garbage"))).await.refused(401);
    answer(refresh(&json!(7))).await.refused(400);
    for (username, password) in [("bob", "alice-password"), ("unknown", "bob-password")] {
        let body = json!({ "username": username, "password": password });
        answer(lab.client.post(format!("{base}/token/")).json(&body)).await.refused(401);
    }
    let list = lab.client.get(format!("{base}/chat/rooms/"));
    answer(list.bearer_auth(tokens["refresh"].as_str().unwrap())).await.refused(401);
}

#[tokio::test]
async fn requests_without_a_valid_token_are_rejected() {
    let lab = lab().await;
    let alice = lab.actor("alice").await;
    let room = alice.group(&[]).await;
    let url = format!("{}/chat/rooms/{room}/", lab.server.base_url());
    answer(lab.client.get(&url)).await.refused(401);
    answer(lab.client.get(&url).bearer_auth("garbage")).await.refused(401);
    answer(lab.client.get(&url).header("authorization", "Basic YTpi")).await.refused(401);
    let tampered = format!("{}x", alice.token);
    answer(lab.client.get(&url).bearer_auth(tampered)).await.refused(401);

    let sockets = format!("{}/ws/chat/{room}/", lab.server.socket_url());
    assert_eq!(Socket::connect(&sockets).await.err(), Some(401));
    assert_eq!(Socket::connect(&format!("{sockets}?token=x")).await.err(), Some(401));
    let unknown = alice.socket_url("550e8400-e29b-41d4-a716-446655440000");
    assert_eq!(Socket::connect(&unknown).await.err(), Some(404));
    assert_eq!(Socket::connect(&alice.socket_url("x")).await.err(), Some(404));
    let outsider = lab.actor("bob").await;
    assert_eq!(Socket::connect(&outsider.socket_url(&room)).await.err(), Some(404));
}

#[tokio::test]
async fn tokens_expire() {
    let options = Options { access_lifetime: Duration::ZERO, ..Options::default() };
    let lab = lab_with(options).await;
    let alice = lab.actor("alice").await;
    let patience = std::time::Instant::now() + Duration::from_secs(5);
    while alice.get("/chat/rooms/").await.status != 401 {
        assert!(std::time::Instant::now() < patience, "the token does not expire");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn every_refusal_has_the_documented_body() {
    let lab = lab().await;
    let alice = lab.actor("alice").await;
    alice.get("/nothing/").await.refused(404);
    alice.get("/chat/rooms").await.refused(404);
    alice.delete("/chat/rooms/").await.refused(405);
    alice.get("/chat/rooms/not-a-uuid/").await.refused(404);
    alice.get("/chat/rooms/%FF/").await.refused(404);
    alice.delete("/chat/participants/x/").await.refused(404);
    alice.get("/chat/messages/").await.refused(400);
    alice.get("/chat/messages/?room=x").await.refused(400);
    alice.get("/chat/rooms/?include_archived=maybe").await.refused(400);
    alice.get("/chat/rooms/?room_type=club").await.refused(400);
    alice.get("/chat/rooms/?page=2").await.refused(404);

    let post = || alice.request(Method::POST, "/chat/rooms/");
    let json = "application/json";
    answer(post().header("content-type", json).body("{")).await.refused(400);
    answer(post().header("content-type", json).body("[]")).await.refused(400);
    answer(post().header("content-type", "text/plain").body("{}")).await.refused(400);
    answer(post()).await.refused(400);
    let huge = "x".repeat(20 << 20);
    answer(post().header("content-type", json).body(huge)).await.refused(400);
    answer(
        alice
            .request(Method::POST, "/chat/messages/")
            .header("content-type", "multipart/form-data; boundary=b")
            .body("--b\r\nbroken"),
    )
    .await
    .refused(400);
}
