//! The readers of messages as REST shows them in `read_by`.

use std::collections::BTreeMap;

use hearback_contract::UserId;
use serde_json::Value;

use crate::model::{Message, MessageObservation, Transport};
use crate::rule::RuleInput;

/// User ids of readers, and the time at which each read the message.
pub(super) type Readers<'h> = BTreeMap<UserId, &'h str>;

/// Returns the REST reads of this run's messages, without ambiguous ones.
pub(super) fn reads<'h>(
    input: RuleInput<'h>,
) -> impl Iterator<Item = (&'h MessageObservation<'h>, &'h Message<'h>)> {
    input.model.recognized().filter(|(observation, _)| observation.transport == Transport::Rest)
}

/// Reads a `read_by`. `None` if it is not an object of user ids and times.
pub(super) fn readers(value: &Value) -> Option<Readers<'_>> {
    let entries = value.as_object()?.iter();
    entries.map(|(user, time)| Some((user.parse().ok()?, time.as_str()?))).collect()
}

#[cfg(test)]
pub(super) mod testing {
    //! A message that alice sends to bob and carol, and how it is shown later.

    /// The room, and the message, which is sent from 10 to 20 ms.
    pub(in super::super) const SENT: &str = r#"
        [1..2] alice rooms.create {"room_type": "group", "participant_ids": [2, 3]} => 201 @room {"id": "$r1"}
        [10..20] alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1", "sender": {"id": 1}, "is_read": false, "read_count": 0, "read_by": {"3": "$absent"}}
    "#;

    /// Bob, user 2, marks it from 30 to 40 ms.
    pub(in super::super) const MARKED: &str = "[30..40] bob messages.mark_read $m1 => 200 {}";

    /// `who` gets the message, which these users read at these seconds after 14:31.
    pub(in super::super) fn get(
        who: &str,
        times: &str,
        readers: &[(i64, u32)],
        fields: &str,
    ) -> String {
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

    /// The message, then some lines.
    pub(in super::super) fn history(lines: &[&str]) -> String {
        format!("{SENT}\n{}", lines.join("\n"))
    }
}
