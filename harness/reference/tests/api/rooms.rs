//! Creates, lists and archives rooms.

use serde_json::{Value, json};

use crate::support::{answer, id_of, lab};

#[tokio::test]
async fn each_room_type_has_its_rules() {
    let lab = lab().await;
    let [alice, bob] = lab.actors(["alice", "bob"]).await;
    let create = |body: Value| alice.post("/chat/rooms/", body);

    let direct = create(json!({ "room_type": "direct", "participant_ids": [2] })).await;
    assert_eq!(direct.status, 201);
    let direct = direct.ok();
    assert_eq!(direct["display_name"], "Bob Smith");
    assert_eq!(direct["created_by"]["username"], "alice");
    assert_eq!(direct["participants"][0]["is_admin"], true);
    assert_eq!(direct["participants"][1]["is_admin"], false);
    assert_eq!(bob.room(&id_of(&direct)).await["display_name"], "Alice Johnson");

    let group = create(json!({ "room_type": "group", "participant_ids": [2, 3, 2, 1] })).await.ok();
    assert_eq!(group["participant_count"], 3);
    assert_eq!(group["display_name"], "Bob Smith, Carol Williams");
    let task = create(json!({ "room_type": "task", "task": 42, "name": null })).await.ok();
    assert_eq!((&task["task"], &task["display_name"]), (&json!(42), &json!("Task 42")));
    let property = json!({ "room_type": "property", "property": 7, "task": 1, "name": "Villa" });
    let property = create(property).await.ok();
    assert_eq!(property["display_name"], "Villa");
    assert_eq!((&property["property"], &property["task"]), (&json!(7), &Value::Null));

    for refused in [
        json!({}),
        json!({ "room_type": "club" }),
        json!({ "room_type": 1 }),
        json!({ "room_type": "direct" }),
        json!({ "room_type": "direct", "participant_ids": [1] }),
        json!({ "room_type": "direct", "participant_ids": [2, 3] }),
        json!({ "room_type": "group", "participant_ids": [2, 999] }),
        json!({ "room_type": "group", "participant_ids": ["2"] }),
        json!({ "room_type": "group", "participant_ids": 2 }),
        json!({ "room_type": "group", "name": 5 }),
        json!({ "room_type": "task" }),
        json!({ "room_type": "task", "task": 0 }),
        json!({ "room_type": "task", "task": "42" }),
        json!({ "room_type": "property", "property": -1 }),
    ] {
        create(refused).await.refused(400);
    }
}

#[tokio::test]
async fn the_list_is_filtered_and_shows_the_last_message() {
    let lab = lab().await;
    let [alice, bob] = lab.actors(["alice", "bob"]).await;
    let direct = json!({ "room_type": "direct", "participant_ids": [2] });
    let direct = id_of(&alice.post("/chat/rooms/", direct).await.ok());
    let group = alice.group(&[&bob]).await;
    let long = "é".repeat(150);
    let sent = bob.say(&direct, &long).await;

    let list = async |query: &str| {
        let list = alice.get(&format!("/chat/rooms/{query}")).await.ok();
        let results = list["results"].as_array().unwrap().clone();
        assert_eq!(list["count"], results.len());
        results
    };
    let rooms = list("").await;
    assert_eq!(rooms.len(), 2);
    assert_eq!(rooms[0]["last_message_preview"], "é".repeat(100));
    assert_eq!(rooms[0]["last_message_time"], sent["created_at"]);
    assert_eq!(rooms[0]["modified_at"], sent["created_at"]);
    assert_eq!(rooms[0]["unread_count"], 1);
    assert_eq!(rooms[1]["last_message_preview"], "");
    assert_eq!(rooms[1]["last_message_time"], Value::Null);
    assert_eq!(list("?room_type=group").await[0]["id"], json!(group));
    assert_eq!(list("?search=BOB").await[0]["id"], json!(direct));
    assert_eq!(list("?search=team").await[0]["id"], json!(group));
    assert!(list("?search=unknown").await.is_empty());

    alice.post(&format!("/chat/rooms/{group}/archive/"), Value::Null).await.ok();
    assert_eq!(list("").await.len(), 1);
    assert_eq!(list("?include_archived=true").await.len(), 2);
    assert!(lab.actor("carol").await.get("/chat/rooms/").await.ok()["count"] == 0);
}

#[tokio::test]
async fn links_lead_to_the_host_of_the_request() {
    let lab = lab().await;
    let alice = lab.actor("alice").await;
    for _ in 0..3 {
        alice.group(&[]).await;
    }
    let path = "/chat/rooms/?search=team&page_size=2";
    let request = alice.request(reqwest::Method::GET, path).header("host", "chat.example:1234");
    let first = answer(request).await.ok();
    let next = first["next"].as_str().unwrap();
    assert!(next.starts_with("http://chat.example:1234/api/chat/rooms/?"), "{next}");
    assert!(next.contains("search=team") && next.contains("page_size=2"), "{next}");
    assert_eq!(first["previous"], Value::Null);
    let query = next.split_once('?').unwrap().1;
    let second = alice.get(&format!("/chat/rooms/?{query}")).await.ok();
    assert_eq!(second["results"].as_array().unwrap().len(), 1);
    assert_eq!((&second["count"], &second["next"]), (&json!(3), &Value::Null));
    assert!(second["previous"].is_string());
    alice.get("/chat/rooms/?page=3&page_size=2").await.refused(404);
    alice.get("/chat/rooms/?page=0").await.refused(400);
}

#[tokio::test]
async fn an_archived_room_is_read_only() {
    let lab = lab().await;
    let [alice, bob] = lab.actors(["alice", "bob"]).await;
    let room = alice.group(&[&bob]).await;
    let message = alice.say(&room, "before").await;
    let archive = format!("/chat/rooms/{room}/archive/");
    bob.post(&archive, Value::Null).await.refused(403);
    let archived = alice.post(&archive, Value::Null).await.ok();
    assert_eq!(archived["is_active"], false);
    assert_eq!(archived["archived_at"], archived["modified_at"]);

    assert_eq!(bob.room(&room).await["is_active"], false);
    let id = id_of(&message);
    alice.get(&format!("/chat/messages/{id}/")).await.ok();
    let post = json!({ "room": room, "content": "after" });
    alice.post("/chat/messages/", post).await.refused(403);
    alice.patch(&format!("/chat/messages/{id}/"), json!({ "content": "x" })).await.refused(403);
    bob.post(&format!("/chat/rooms/{room}/mark_read/"), Value::Null).await.refused(403);
    let mut socket = bob.socket(&room).await;
    socket.send(json!({ "type": "chat_message", "message": "after" })).await;
    assert_eq!(socket.next().await["type"], "error");
}

#[tokio::test]
async fn leaving_ends_access_and_passes_on_the_admin_role() {
    let lab = lab().await;
    let [alice, bob, carol] = lab.actors(["alice", "bob", "carol"]).await;
    let room = alice.group(&[&bob, &carol]).await;
    let message = id_of(&alice.say(&room, "hello").await);
    alice.post(&format!("/chat/rooms/{room}/leave/"), Value::Null).await.ok();

    alice.get(&format!("/chat/rooms/{room}/")).await.refused(404);
    alice.get(&format!("/chat/messages/{message}/")).await.refused(404);
    alice.get(&format!("/chat/messages/?room={room}")).await.refused(404);
    alice.get(&format!("/chat/messages/search/?q=hello&room={room}")).await.refused(404);
    assert_eq!(alice.get("/chat/messages/search/?q=hello").await.ok()["count"], 0);
    assert_eq!(alice.get("/chat/rooms/").await.ok()["count"], 0);
    let seen = bob.room(&room).await;
    assert_eq!(seen["participant_count"], 2);
    assert_eq!(seen["participants"][0]["user"]["username"], "bob");
    assert_eq!(seen["participants"][0]["is_admin"], true);
    assert_eq!(seen["participants"][1]["is_admin"], false);
}
