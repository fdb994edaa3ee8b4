//! Faults of receipts.

use hearback_contract::Operation::{
    self, MessagesGet, MessagesList, MessagesSearch, ParticipantsList, RoomsGet,
};
use hearback_contract::ServerEvent::ReadReceipt;
use serde_json::json;

use super::{Edit, Effect, FaultSpec, behaviour, edited, event, row};
use crate::faults::behaviour::Behaviour;
use crate::faults::values::increment;

const READS: &[Operation] = &[MessagesGet, MessagesList, MessagesSearch];

/// Who is said to have read everything.
const PHANTOM: &str = "8";

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "receipts/forgets-readers",
        "receipts/stored",
        "Messages are never read by anybody.",
        edited(
            READS,
            Edit::Map(&["", "/results/*"], |message| {
                if message["read_by"].is_object() {
                    message["read_by"] = json!({});
                    message["read_count"] = json!(0);
                    message["is_read"] = json!(false);
                }
            }),
        ),
    ),
    row(
        "receipts/counts-one-more",
        "receipts/count",
        "`read_count` is one too many.",
        edited(READS, Edit::Map(&["/read_count", "/results/*/read_count"], increment)),
    ),
    row(
        "receipts/everything-is-read",
        "receipts/is-read",
        "`is_read` is always true.",
        edited(
            READS,
            Edit::Map(&["/is_read", "/results/*/is_read"], |is_read| *is_read = json!(true)),
        ),
    ),
    row(
        "receipts/restamps",
        "receipts/idempotent",
        "Marking a message read again renews the time.",
        behaviour(Behaviour::RestampsReceipts),
    ),
    row(
        "receipts/phantom-reader",
        "receipts/no-phantom",
        "Somebody who read nothing is in every `read_by`.",
        edited(
            READS,
            Edit::Map(&["", "/results/*"], |message| {
                let time = message["created_at"].clone();
                if let Some(readers) = message["read_by"].as_object_mut() {
                    readers.insert(PHANTOM.to_owned(), time);
                    message["read_count"] = json!(readers.len());
                    message["is_read"] = json!(true);
                }
            }),
        ),
    ),
    row(
        "receipts/loses-earlier-readers",
        "receipts/never-lost",
        "Only the last reader of a message is kept.",
        behaviour(Behaviour::LosesEarlierReaders),
    ),
    row(
        "receipts/read-before-written",
        "receipts/time",
        "`read_receipt` names a time before the message.",
        event(
            ReadReceipt,
            Effect::Edit(Edit::Map(&["/read_at"], |time| *time = json!("2001-01-01T00:00:00Z"))),
        ),
    ),
    row(
        "receipts/last-read-never",
        "receipts/last-read-at",
        "`last_read_at` is always null.",
        edited(
            &[RoomsGet, ParticipantsList],
            Edit::Set(&["/participants/*/last_read_at", "/results/*/last_read_at"], "null"),
        ),
    ),
];
