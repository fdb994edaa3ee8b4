//! Faults of order.

use std::time::Duration;

use hearback_contract::RequirementId;
use hearback_contract::ServerEvent::ChatMessage;
use hearback_reference::store::messages::Message;

use crate::fault::{FaultSpec, row};
use crate::wire::{EventChange, Every, Recipients};

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "order/every-third-is-late",
        RequirementId::OrderPerSender,
        "Every third message is delivered late.",
        |fault| {
            fault.change_events(
                ChatMessage,
                EventChange::Delay(Recipients::Everyone, Every(3), |_| true),
            )
        },
    ),
    row(
        "order/own-messages-are-late",
        RequirementId::OrderCommon,
        "Messages reach the sockets of their sender late.",
        |fault| {
            fault.change_events(
                ChatMessage,
                EventChange::Delay(Recipients::Actor, Every(1), |_| true),
            )
        },
    ),
    row(
        "order/lists-out-of-order",
        RequirementId::OrderHistoryAgrees,
        "The first two messages of each page are exchanged, including their times.",
        |fault| {
            fault.listing.messages = Some(|base, _, store, membership, ordering, window| {
                let (count, mut messages) = base.messages(store, membership, ordering, window)?;
                exchange_first_two(&mut messages);
                Ok((count, messages))
            });
        },
    ),
    row(
        "order/clock-goes-back",
        RequirementId::OrderCreatedAt,
        "`created_at` of every third message is ten seconds too early.",
        |fault| {
            fault.storage.compose = Some(|base, memory, message| {
                let mut message = base.compose(message);
                if memory.fires(3) {
                    message.created_at = message.created_at - Duration::from_secs(10);
                    message.modified_at = message.created_at;
                }
                message
            });
        },
    ),
    row(
        "order/others-are-late",
        RequirementId::OrderRealTime,
        "Every second message of other users is delivered late.",
        |fault| {
            fault.change_events(
                ChatMessage,
                EventChange::Delay(Recipients::Others, Every(2), |_| true),
            )
        },
    ),
    row(
        "order/replies-overtake",
        RequirementId::OrderReplyAfterQuestion,
        "Messages that are not replies are delivered late, so that replies overtake them.",
        |fault| {
            fault.change_events(
                ChatMessage,
                EventChange::Delay(Recipients::Everyone, Every(1), |event| {
                    event.pointer("/message/reply_to_id").is_none_or(serde_json::Value::is_null)
                }),
            )
        },
    ),
    row(
        "order/lists-unsteadily",
        RequirementId::OrderListIsStable,
        "The first two messages of every second page are exchanged, including their times.",
        |fault| {
            fault.listing.messages = Some(|base, memory, store, membership, ordering, window| {
                let (count, mut messages) = base.messages(store, membership, ordering, window)?;
                if memory.fires(2) {
                    exchange_first_two(&mut messages);
                }
                Ok((count, messages))
            });
        },
    ),
];

/// Exchanges the first two messages, and their times.
fn exchange_first_two(messages: &mut [Message]) {
    if let [first, second, ..] = messages {
        std::mem::swap(first, second);
        std::mem::swap(&mut first.created_at, &mut second.created_at);
    }
}
