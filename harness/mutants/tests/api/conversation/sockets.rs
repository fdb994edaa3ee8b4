//! Events by socket, valid and invalid.

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::UNKNOWN;
use super::transcript::Transcript;
use crate::support::{Actor, Socket};

pub(super) async fn sockets(transcript: &mut Transcript, actors: &[Actor; 4], room: &str) {
    let [alice, bob, _, dave] = actors;
    let elsewhere = alice.group(&[bob]).await;
    let foreign = transcript.say(alice, &elsewhere, "elsewhere").await;
    let message = transcript.say(alice, room, "before").await;
    transcript.knock(&dave.socket_url(room)).await;
    transcript.knock(&dave.socket_url(UNKNOWN)).await;
    let urls = [bob.socket_url(room), alice.socket_url(room), alice.socket_url(&elsewhere)];
    let mut sockets = Vec::new();
    for url in urls {
        let Ok(mut socket) = Socket::connect(&url).await else { continue };
        transcript.listen(&mut socket).await;
        sockets.push(socket);
    }
    for event in [
        json!({ "type": "typing", "is_typing": true }),
        json!({ "type": "read_receipt", "message_id": message }),
        json!({ "type": "mark_room_read" }),
        json!({ "type": "chat_message", "message": "by socket" }),
        json!({ "type": "chat_message", "message": "reply", "reply_to": message }),
        json!({ "type": "chat_message", "message": "" }),
        json!({ "type": "chat_message", "message": 5 }),
        json!({ "type": "chat_message", "message": "x", "reply_to": foreign }),
        json!({ "type": "read_receipt", "message_id": foreign }),
        json!({ "type": "dance" }),
        json!({ "message": "no type" }),
        json!([]),
    ] {
        for _ in 0..2 {
            sockets[0].try_send(Message::text(event.to_string())).await;
        }
        transcript.listen(&mut sockets[0]).await;
        transcript.say(alice, room, "by rest").await;
        for socket in &mut sockets {
            transcript.listen(socket).await;
        }
    }
    for actor in [alice, bob] {
        transcript.views(actor, room).await;
    }
}
