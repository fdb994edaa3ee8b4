//! Faults of delivery.

use hearback_contract::Operation::{MessagesSearch, MessagesSend};
use hearback_contract::RequirementId;
use hearback_contract::ServerEvent::ChatMessage;
use hearback_reference::App;
use hearback_reference::delivery::{Audience, Closing, Event, MessageEvent, Source};
use serde_json::{Value, json};

use crate::distortion::{postpone, replace_id};
use crate::edit::Edit;
use crate::fault::{FaultSpec, row};
use crate::memory::Memory;
use crate::wire::{Change, EventChange, Every, Exchange, Recipients, RequestChange, When};

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "delivery/repeats-messages",
        RequirementId::DeliveryNoDuplicate,
        "Every third message is delivered twice.",
        |fault| {
            fault.change_events(ChatMessage, EventChange::Repeat(Recipients::Everyone, Every(3)))
        },
    ),
    row(
        "delivery/finds-advertisements",
        RequirementId::DeliveryNoPhantom,
        "Search returns a message that was never sent.",
        |fault| {
            fault.edit_responses(
                &[MessagesSearch],
                Edit::Map(&["/results"], |results| {
                    if let Some(results) = results.as_array_mut()
                        && let Some(mut message) = results.first().cloned()
                    {
                        replace_id(&mut message["id"]);
                        let content = message["content"].as_str().unwrap_or_default();
                        message["content"] = json!(format!("{content} (Advertisement)"));
                        results.push(message);
                    }
                }),
            )
        },
    ),
    row(
        "delivery/leaks-to-another-room",
        RequirementId::DeliveryNoLeak,
        "Messages also reach the sockets of another room.",
        |fault| {
            fault.delivery.deliver = Some(|base, _, hub, room, event, source| {
                base.deliver(hub, room, event, source);
                let other = hub.rooms().find(|other| *other != room);
                if let (Event::ChatMessage { .. }, Some(other)) = (event, other) {
                    hub.deliver(other, event, Audience::Everyone);
                }
            });
        },
    ),
    row(
        "delivery/sends-what-it-refuses",
        RequirementId::DeliveryRefusedIsNotSent,
        "A reply that is rejected for its `reply_to` is sent without it.",
        |fault| {
            let change = RequestChange::ExecuteRejected(|request| request.forget("reply_to"));
            fault.change_requests(MessagesSend, change);
        },
    ),
    row(
        "delivery/loses-acknowledged-messages",
        RequirementId::DeliveryAcknowledgedIsKept,
        "Every seventh message sent by REST is acknowledged, but not stored.",
        |fault| {
            fault.storage.add_message =
                Some(|base, memory, store, message, attachment, source| match source {
                    Source::Operation if memory.fires(7) => Ok(()),
                    _ => base.add_message(store, message, attachment, source),
                });
        },
    ),
    row(
        "delivery/created-later-on-sockets",
        RequirementId::DeliverySameByBothWays,
        "`created_at` is one second later on sockets than by REST.",
        |fault| fault.edit_events(ChatMessage, Edit::Map(&["/message/created_at"], postpone)),
    ),
    row(
        "delivery/replays-on-opening",
        RequirementId::DeliveryNotBeforeJoining,
        "A new socket receives the last message of the room.",
        |fault| {
            fault.delivery.welcome = Some(|base, _, store, directory, hub, peer, established| {
                base.welcome(store, directory, hub, peer, established)?;
                if let Some(message) = store.last_message(peer.room)? {
                    let sender = directory.known(message.sender);
                    let message = MessageEvent::new(&message, &sender);
                    let event = Event::ChatMessage { message };
                    hub.deliver(peer.room, &event, Audience::Only(peer.connection));
                }
                Ok(())
            });
        },
    ),
    row(
        "delivery/stores-what-fails",
        RequirementId::DeliveryFailedIsNotSent,
        "Sending content of more than 20,000 characters fails with 500 after the message was stored.",
        |fault| {
            let is_long = |message: &Value| {
                message["content"].as_str().is_some_and(|content| content.len() > LONG)
            };
            let failure = Change::Replace(500, r#"{"error": "Server error", "detail": "Failed."}"#);
            fault.change_responses(&[MessagesSend], When::SuccessWhere(is_long), failure);
        },
    ),
    row(
        "delivery/large-messages-close-the-room",
        RequirementId::DeliveryLargeMessageSparesOthers,
        "A message of more than 64 KiB over REST closes every socket of the room.",
        |fault| {
            let close = |app: &App, _: &Memory, exchange: &mut Exchange| {
                let sent = exchange.request_json();
                let room = sent["room"].as_str().and_then(|room| room.parse().ok());
                let content = sent["content"].as_str().unwrap_or_default();
                if let Some(room) = room.filter(|_| content.len() > LARGE) {
                    app.chat().hub.close_room(room, Closing::TOO_LARGE);
                }
            };
            fault.change_responses(&[MessagesSend], When::Success, Change::With(close));
            fault.change_responses(&[MessagesSend], When::Refusal, Change::With(close));
        },
    ),
];

/// Length of long content, in bytes.
const LONG: usize = 20_000;

/// Length of large content, in bytes.
const LARGE: usize = 64 * 1024;
