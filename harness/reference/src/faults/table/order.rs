//! Faults of order.

use hearback_contract::ServerEvent::ChatMessage;

use super::{Effect, FaultSpec, behaviour, event, row};
use crate::faults::behaviour::Behaviour;
use crate::faults::event::{Every, Whom};

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "order/every-third-is-late",
        "order/per-sender",
        "Every third message is received late.",
        event(ChatMessage, Effect::Delay(Whom::Everyone, Every(3), |_| true)),
    ),
    row(
        "order/own-messages-are-late",
        "order/common",
        "Senders receive their own messages later than everybody else.",
        event(ChatMessage, Effect::Delay(Whom::Actor, Every(1), |_| true)),
    ),
    row(
        "order/lists-out-of-order",
        "order/history-agrees",
        "The first two messages of a page are exchanged, and their times with them.",
        behaviour(Behaviour::ListsOutOfOrder),
    ),
    row(
        "order/clock-goes-back",
        "order/created-at",
        "Every third message is said to be created ten seconds before.",
        behaviour(Behaviour::ClockGoesBack),
    ),
    row(
        "order/others-are-late",
        "order/real-time",
        "Every second message of others is received late.",
        event(ChatMessage, Effect::Delay(Whom::Others, Every(2), |_| true)),
    ),
    row(
        "order/replies-overtake",
        "order/reply-after-question",
        "Replies overtake what is no reply.",
        event(
            ChatMessage,
            Effect::Delay(Whom::Everyone, Every(1), |event| {
                event.pointer("/message/reply_to_id").is_none_or(serde_json::Value::is_null)
            }),
        ),
    ),
    row(
        "order/lists-unsteadily",
        "order/list-is-stable",
        "In every second page, the first two messages are exchanged, and their times with them.",
        behaviour(Behaviour::ListsUnsteadily),
    ),
];
