//! Faults that need two requests at the same time show each time that two coincide.

use hearback_mutants::{FaultSet, Switches, fault_id};
use hearback_reference::Options;
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::support::{self, Actor, Lab, answer};

const ROUNDS: usize = 5;

async fn lab(faults: FaultSet) -> (Lab, [Actor; 3], String) {
    let options = Options { seams: Switches::from(faults).seams(), ..Options::default() };
    let lab = support::lab(Client::new(), options).await;
    let actors = lab.actors(["alice", "bob", "carol"]).await;
    let room = actors[0].group(&[&actors[1], &actors[2]]).await;
    (lab, actors, room)
}

async fn send(actor: &Actor, room: &str) -> Value {
    actor.post("/chat/messages/", json!({ "room": room, "content": "words" })).await.ok()
}

async fn mark_read(actor: &Actor, message: &Value) {
    let path = format!("/chat/messages/{}/mark_read/", message["id"].as_str().unwrap());
    actor.post(&path, Value::Null).await.ok();
}

async fn edit(actor: &Actor, message: &Value) {
    let path = format!("/chat/messages/{}/", message["id"].as_str().unwrap());
    let edit = actor.request(Method::PATCH, &path).json(&json!({ "content": "others" }));
    answer(edit).await.ok();
}

async fn readers(actor: &Actor, message: &Value) -> Value {
    let path = format!("/chat/messages/{}/", message["id"].as_str().unwrap());
    actor.get(&path).await.ok()["read_count"].clone()
}

#[tokio::test]
async fn an_edit_loses_the_reader_that_coincides_with_it() {
    let set = FaultSet::from(fault_id!("receipts/edit-overwrites-readers"));
    let (_lab, [alice, bob, carol], room) = lab(set).await;
    for _ in 0..ROUNDS {
        let message = send(&alice, &room).await;
        mark_read(&carol, &message).await;
        tokio::join!(mark_read(&bob, &message), edit(&alice, &message));
        assert_eq!(readers(&alice, &message).await, 1);
    }
}

#[tokio::test]
async fn of_two_readers_that_coincide_one_is_lost() {
    let set = FaultSet::from(fault_id!("receipts/simultaneous-readers-overwrite"));
    let (_lab, [alice, bob, carol], room) = lab(set).await;
    for _ in 0..ROUNDS {
        let message = send(&alice, &room).await;
        tokio::join!(mark_read(&bob, &message), mark_read(&carol, &message));
        assert_eq!(readers(&alice, &message).await, 1);
    }
}

#[tokio::test]
async fn two_messages_that_coincide_count_once() {
    let set = FaultSet::from(fault_id!("room/simultaneous-sends-count-once"));
    let (_lab, [alice, bob, _], room) = lab(set).await;
    let count = async || {
        let stats = alice.get(&format!("/chat/rooms/{room}/stats/")).await.ok();
        stats["message_count"].as_u64().unwrap()
    };
    for round in 1..=ROUNDS {
        tokio::join!(send(&alice, &room), send(&bob, &room));
        assert_eq!(count().await, u64::try_from(round).unwrap());
    }
}
