//! Logging in, and requests with valid and invalid tokens.

use serde_json::json;

use super::transcript::Transcript;
use super::{SECRET, UNKNOWN};
use crate::support::{Actor, Lab};

pub(super) async fn tokens(transcript: &mut Transcript, lab: &Lab, actors: &[Actor; 4]) {
    let base = lab.server.base_url();
    let [alice, bob, ..] = actors;
    let room = bob.group(&[alice]).await;
    for (username, password) in [("bob", "bob-password"), ("bob", "x"), ("unknown", "x")] {
        let body = json!({ "username": username, "password": password });
        let request = lab.client.post(format!("{base}/token/")).json(&body);
        let tokens = transcript.ask(request).await;
        let Some(refresh) = tokens["refresh"].as_str() else { continue };
        let access = tokens["access"].as_str().unwrap();
        let (signed, _) = access.rsplit_once('.').unwrap();
        let of_refresh = refresh.rsplit_once('.').unwrap().0;
        for token in [refresh, access, "garbage", &format!("{of_refresh}.AAAA")] {
            let body = json!({ "refresh": token });
            let request = lab.client.post(format!("{base}/token/refresh/")).json(&body);
            if let Some(access) = transcript.ask(request).await["access"].as_str() {
                let list = lab.client.get(format!("{base}/chat/rooms/"));
                transcript.ask(list.bearer_auth(access)).await;
            }
        }
        let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", signed.split_once('.').unwrap().1);
        let tampered = format!("{signed}.AAAA");
        let expired = expired(bob.id);
        for token in ["garbage", refresh, &tampered, &unsigned, &expired] {
            let list = lab.client.get(format!("{base}/chat/rooms/"));
            transcript.ask(list.bearer_auth(token)).await;
            transcript.knock(&format!("{}?token={token}", door(lab, &room))).await;
        }
    }
    transcript.ask(lab.client.get(format!("{base}/chat/rooms/"))).await;
    transcript.knock(&door(lab, &room)).await;
}

fn door(lab: &Lab, room: &str) -> String {
    format!("{}/ws/chat/{room}/", lab.server.socket_url())
}

fn expired(user: i64) -> String {
    let claims = json!({
        "token_type": "access", "exp": 1_000_000_000, "iat": 0, "user_id": user, "jti": UNKNOWN,
    });
    let key = jsonwebtoken::EncodingKey::from_secret(SECRET.as_bytes());
    jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap()
}
