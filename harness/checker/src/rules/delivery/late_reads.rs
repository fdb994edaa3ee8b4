//! Reads that show writes late, as the history itself proves: an acknowledged message is missing, and a later read has it.
//!
//! hearback measures the lag of reads before the scenarios, and waits. A busy target may lag longer than that later.

use ahash::{AHashMap, AHashSet};
use hearback_contract::{MessageRef, Operation};
use hearback_history::Nanoseconds;

use super::acknowledged_is_kept::{due, is_due, listed};
use crate::model::Message;
use crate::rule::RuleInput;
use crate::rules::page::walk::walks;

/// Number of rooms that have to show it: in one room, it may be a defect of another kind.
const ROOMS: usize = 3;

/// Returns whether reads of several rooms lack an acknowledged message that a later read shows.
pub(crate) fn occur(input: RuleInput<'_>) -> bool {
    let shown = last_shown(input);
    let is_shown_after = |message: &Message<'_>, at: Nanoseconds| {
        shown.get(&message.id.borrowed()).is_some_and(|last| *last > at)
    };
    let refused = input.history.calls_of(Operation::MessagesGet).filter_map(|call| {
        let message = input.model.message(call.message_in_path()?)?;
        let viewer = input.model.user_id(&call.invocation.actor)?;
        let is_late = matches!(call.status(), Some(403 | 404))
            && is_due(input, message, viewer, call.interval())
            && is_shown_after(message, call.invoked);
        is_late.then(|| message.room.borrowed())
    });
    let walks = walks(input);
    let lists = walks.iter().filter(|walk| walk.is_finished()).filter_map(|walk| {
        let (ids, at) = (listed(walk)?, walk.interval().returned);
        let mut due = due(input, walk, &ids).ok()?.into_iter().flatten();
        let is_late = |it: &Message<'_>| !ids.contains(&it.id.borrowed()) && is_shown_after(it, at);
        due.any(is_late).then(|| walk.listing().room.id.borrowed())
    });
    let rooms: AHashSet<_> = refused.chain(lists).collect();
    rooms.len() >= ROOMS
}

/// The time of the last read that shows each message.
fn last_shown(input: RuleInput<'_>) -> AHashMap<MessageRef<'_>, Nanoseconds> {
    let mut shown = AHashMap::new();
    for call in &input.history.calls {
        let ids: Vec<_> = match call.operation() {
            Some(Operation::MessagesGet) if call.succeeded() => {
                call.message_in_path().into_iter().collect()
            }
            Some(Operation::MessagesList) => {
                let items = call.items().into_iter().flatten();
                items.filter_map(|item| MessageRef::from_json(item.get("id")?)).collect()
            }
            _ => Vec::new(),
        };
        shown.extend(ids.into_iter().map(|id| (id, call.invoked)));
    }
    shown
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held};

    #[test]
    fn what_a_later_read_shows_was_not_lost() {
        const RULE: &str = "delivery/acknowledged-is-kept";
        let room = |number: u32, later: bool| {
            let (room, message) = (format!("$r{number}"), format!("$m{number}"));
            let item = format!(r#"@message {{"id": "{message}", "room": "{room}"}}"#);
            let list = |items: &str, count| {
                format!(
                    r#"messages.list ?room={room} => 200 {{"count": {count}, "next": null, "previous": null, "results": [{items}]}}"#
                )
            };
            let later =
                if later { format!("[50..51] alice {}", list(&item, 1)) } else { String::new() };
            format!(
                r#"
                [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "{room}"}}
                [10..20] alice messages.send {{"room": "{room}", "content": "a"}} => 201 {item}
                [30..31] bob {}
                {later}
                "#,
                list("", 0)
            )
        };
        let rooms = |later: [bool; 3]| {
            (1..).zip(later).map(|(number, later)| room(number, later)).collect::<String>()
        };
        assert_states(&[
            (RULE, Broken, &rooms([false; 3])),
            (RULE, Broken, &rooms([true, true, false])),
            (RULE, Held, &rooms([true; 3])),
        ]);
        // Schemas do not depend on time.
        let schema = rooms([true; 3]).replace("\"count\": 0", "\"count\": \"0\"");
        assert_states(&[("schema/messages.list", Broken, &schema)]);
    }
}
