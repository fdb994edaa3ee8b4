//! Pages of messages, also while others write.

use super::transcript::Transcript;
use crate::support::Actor;

pub(super) async fn pages(transcript: &mut Transcript, alice: &Actor) {
    transcript.get(alice, "/chat/participants/").await;
    let room = alice.group(&[]).await;
    let list = format!("/chat/messages/?room={room}");
    for number in 0..25 {
        alice.say(&room, &number.to_string()).await;
    }
    for query in ["", "&page=9", "&page=0", "&page=abc"] {
        transcript.get(alice, &format!("{list}{query}")).await;
    }
    for query in ["&ordering=created_at&page_size=9", "&ordering=-created_at&page_size=9"] {
        let mut path = format!("{list}{query}");
        for _ in 0..4 {
            let page = transcript.get(alice, &path).await;
            alice.say(&room, "meanwhile").await;
            let Some((_, next)) = page["next"].as_str().and_then(|link| link.split_once('?'))
            else {
                break;
            };
            path = format!("/chat/messages/?{next}");
        }
    }
    for number in 25..101 {
        alice.say(&room, &number.to_string()).await;
    }
    transcript.get(alice, &format!("{list}&page_size=200")).await;
}
