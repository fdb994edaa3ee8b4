//! Acknowledged writes survive a crash of the server.

use serde_json::{Value, json};

use crate::support::Server;

/// A client with a token of alice's, and a room of hers.
async fn alice(base: &str) -> (reqwest::Client, String) {
    let client = reqwest::Client::new();
    let credentials = json!({"username": "alice", "password": "alice-password"});
    let response = client.post(format!("{base}/token/")).json(&credentials).send().await.unwrap();
    let tokens: Value = response.json().await.unwrap();
    (client, format!("Bearer {}", tokens["access"].as_str().unwrap()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_by_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("chat.db");
    let arguments = ["--database", database.to_str().unwrap()];

    let mut acknowledged = Vec::new();
    let mut server = Server::start(&arguments);
    let (client, token) = alice(&server.base).await;
    let room = json!({"room_type": "group", "name": "durable", "participant_ids": [2]});
    let response = client
        .post(format!("{}/chat/rooms/", server.base))
        .header("Authorization", &token)
        .json(&room)
        .send()
        .await
        .unwrap();
    let room: Value = response.json().await.unwrap();
    let room = room["id"].as_str().unwrap().to_owned();

    // Eight writers until the server dies under them; every acknowledged message must be there.
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let (client, token, room) = (client.clone(), token.clone(), room.clone());
            let url = format!("{}/chat/messages/", server.base);
            tokio::spawn(async move {
                let mut accepted = Vec::new();
                for n in 0.. {
                    let content = format!("{writer}-{n}");
                    let body = json!({"room": room, "content": content});
                    let sent =
                        client.post(&url).header("Authorization", &token).json(&body).send().await;
                    match sent {
                        Ok(response) if response.status() == 201 => accepted.push(content),
                        _ => break,
                    }
                    if n == 50 && writer == 0 {
                        return (accepted, true);
                    }
                }
                (accepted, false)
            })
        })
        .collect();
    let mut writers = writers.into_iter();
    let (accepted, reached) = writers.next().unwrap().await.unwrap();
    assert!(reached, "the first writer has written enough");
    acknowledged.extend(accepted);
    server.process.kill().unwrap();
    server.process.wait().unwrap();
    for writer in writers {
        acknowledged.extend(writer.await.unwrap().0);
    }
    assert!(acknowledged.len() > 50);

    let server = Server::start(&arguments);
    let (client, token) = alice(&server.base).await;
    let mut kept = Vec::new();
    for page in 1.. {
        let response = client
            .get(format!("{}/chat/messages/?room={room}&page_size=100&page={page}", server.base))
            .header("Authorization", &token)
            .send()
            .await
            .unwrap();
        let body: Value = response.json().await.unwrap();
        let results = body["results"].as_array().unwrap();
        kept.extend(results.iter().map(|item| item["content"].as_str().unwrap().to_owned()));
        if body["next"].is_null() {
            break;
        }
    }
    let lost: Vec<_> = acknowledged.iter().filter(|content| !kept.contains(content)).collect();
    assert!(lost.is_empty(), "{} of {} lost: {lost:?}", lost.len(), acknowledged.len());
}
