//! Faults of delivery.

use hearback_contract::Operation::MessagesSearch;
use hearback_contract::ServerEvent::ChatMessage;
use serde_json::json;

use super::{Edit, Effect, FaultSpec, behaviour, edited, event, row};
use crate::faults::behaviour::Behaviour;
use crate::faults::event::{Every, Whom};
use crate::faults::values::{null_is_an_id, postpone};

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "delivery/repeats-messages",
        "delivery/no-duplicate",
        "Every third message is received twice.",
        event(ChatMessage, Effect::Repeat(Whom::Everyone, Every(3))),
    ),
    row(
        "delivery/finds-advertisements",
        "delivery/no-phantom",
        "Search finds a message that nobody sent.",
        edited(
            &[MessagesSearch],
            Edit::Map(&["/results"], |results| {
                if let Some(results) = results.as_array_mut()
                    && let Some(mut message) = results.first().cloned()
                {
                    message["id"] = json!(null);
                    null_is_an_id(&mut message["id"]);
                    let content = message["content"].as_str().unwrap_or_default();
                    message["content"] = json!(format!("{content} (Advertisement)"));
                    results.push(message);
                }
            }),
        ),
    ),
    row(
        "delivery/leaks-to-another-room",
        "delivery/no-leak",
        "Messages reach the sockets of another room, too.",
        behaviour(Behaviour::LeaksToAnotherRoom),
    ),
    row(
        "delivery/sends-what-it-refuses",
        "delivery/refused-is-not-sent",
        "A reply that is refused for what it answers is sent all the same.",
        behaviour(Behaviour::SendsWhatItRefuses),
    ),
    row(
        "delivery/loses-acknowledged-messages",
        "delivery/acknowledged-is-kept",
        "Every seventh message that is acknowledged by REST is not stored.",
        behaviour(Behaviour::LosesAcknowledgedMessages),
    ),
    row(
        "delivery/created-later-on-sockets",
        "delivery/same-by-both-ways",
        "`created_at` on sockets is a second later than by REST.",
        event(ChatMessage, Effect::Edit(Edit::Map(&["/message/created_at"], postpone))),
    ),
    row(
        "delivery/replays-on-opening",
        "delivery/not-before-joining",
        "A socket receives the room's last message when it opens.",
        behaviour(Behaviour::ReplaysOnOpening),
    ),
];
