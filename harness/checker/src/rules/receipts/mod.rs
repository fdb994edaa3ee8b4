//! Rules of family `receipts`: who has read what, and since when.

mod lasting;
mod number;
mod reader;
mod time;

use std::collections::BTreeMap;

use serde_json::Value;

use hearback_contract::RequirementId;

use crate::model::{Message, MessageObservation, Transport};
use crate::rule::{Rule, RuleInput};

/// The rules of this family.
#[rustfmt::skip]
pub static RULES: &[Rule] = &[
    Rule { requirement: RequirementId::ReceiptsStored, check: reader::stored },
    Rule { requirement: RequirementId::ReceiptsCount, check: number::count },
    Rule { requirement: RequirementId::ReceiptsIsRead, check: number::is_read },
    Rule { requirement: RequirementId::ReceiptsIdempotent, check: lasting::idempotent },
    Rule { requirement: RequirementId::ReceiptsNoPhantom, check: reader::no_phantom },
    Rule { requirement: RequirementId::ReceiptsNeverLost, check: lasting::never_lost },
    Rule { requirement: RequirementId::ReceiptsTime, check: time::time },
    Rule { requirement: RequirementId::ReceiptsLastReadAt, check: time::last_read_at },
];

/// Readers and when each read, as `read_by` has them.
type Readers<'h> = BTreeMap<i64, &'h str>;

/// Sights of this run's messages by REST; those in ambiguity are left out.
fn sights<'h>(
    input: RuleInput<'h>,
) -> impl Iterator<Item = (&'h MessageObservation<'h>, &'h Message<'h>)> {
    input.model.recognised().filter(|(observation, _)| observation.transport == Transport::Rest)
}

/// The readers of a `read_by`; `None` if it is no object of user ids and times.
fn readers(value: &Value) -> Option<Readers<'_>> {
    let entries = value.as_object()?.iter();
    entries.map(|(user, time)| Some((user.parse().ok()?, time.as_str()?))).collect()
}

#[cfg(test)]
mod testing {
    //! A message of alice's to bob and carol, and how it is shown later.

    /// The room, and the message sent from 10 to 20 ms.
    pub(super) const SENT: &str = r#"
        [1..2] alice rooms.create {"room_type": "group", "participant_ids": [2, 3]} => 201 @room {"id": "$r1"}
        [10..20] alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1", "sender": {"id": 1}, "is_read": false, "read_count": 0, "read_by": {"3": "$absent"}}
    "#;

    /// Bob, user 2, marks it from 30 to 40 ms.
    pub(super) const MARKED: &str = "[30..40] bob messages.mark_read $m1 => 200 {}";

    /// Somebody gets the message, read by these users at these seconds of 14:31.
    pub(super) fn get(who: &str, times: &str, readers: &[(i64, u32)], fields: &str) -> String {
        let is_listed = |user: &i64| readers.iter().any(|(reader, _)| reader == user);
        let mut entries: Vec<_> = readers
            .iter()
            .map(|(user, second)| format!(r#""{user}": "2025-10-19T14:31:{second:02}Z""#))
            .collect();
        if !is_listed(&3) {
            entries.push(r#""3": "$absent""#.to_owned());
        }
        format!(
            r#"{times} {who} messages.get $m1 => 200 @message {{"id": "$m1", "room": "$r1", "sender": {{"id": 1}}, "is_read": {}, "read_count": {}, "read_by": {{{}}}{fields}}}"#,
            !readers.is_empty(),
            readers.len(),
            entries.join(", ")
        )
    }

    /// The message sent, then some lines.
    pub(super) fn history(lines: &[&str]) -> String {
        format!("{SENT}\n{}", lines.join("\n"))
    }
}
