//! Databases in files.

use hearback_reference::{Options, seeded};
use serde_json::json;

use crate::support::{id_of, lab_with};

#[tokio::test]
async fn a_restarted_server_reads_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options {
        database: Some(folder.path().join("chat.sqlite")),
        jwt_secret: Some("the same secret".to_owned()),
        ..Options::default()
    };
    let lab = lab_with(options()).await;
    let [alice, bob] = lab.actors(["alice", "bob"]).await;
    let room = alice.group(&[&bob]).await;
    let sent = alice.say(&room, "kept").await;
    let before = bob.room(&room).await;
    drop(lab);

    let more = Options { accounts: seeded(9), ..options() };
    let lab = lab_with(more).await;
    let [alice, bob] = lab.actors(["alice", "bob"]).await;
    assert_eq!(bob.room(&room).await, before);
    assert_eq!(bob.get(&format!("/chat/messages/{}/", id_of(&sent))).await.ok(), sent);
    let later = alice.say(&room, "later").await;
    assert!(later["created_at"].as_str() > sent["created_at"].as_str());
    lab.actor("user0009").await;
    lab.server.stop().await;
}

#[tokio::test]
async fn thousands_of_accounts_start_at_once() {
    let started = std::time::Instant::now();
    let options = Options { accounts: seeded(5000), ..Options::default() };
    let lab = lab_with(options).await;
    assert!(started.elapsed() < std::time::Duration::from_secs(5));
    let alice = lab.actor("alice").await;
    let everyone: Vec<_> = (2..=5000).collect();
    let body = json!({ "room_type": "group", "name": "All", "participant_ids": everyone });
    assert_eq!(alice.post("/chat/rooms/", body).await.ok()["participant_count"], 5000);
}
