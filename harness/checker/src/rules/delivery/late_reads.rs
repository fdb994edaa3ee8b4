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
        // A late page shows an earlier state, which has nothing newer than what it lacks. Pages may be of several states.
        let newest = newest(input, &ids).filter(|_| walk.pages.len() == 1);
        let is_late = |it: &Message<'_>| {
            let is_displaced = newest.is_some_and(|newest| it.sent.returned < newest);
            !ids.contains(&it.id.borrowed()) && is_shown_after(it, at) && !is_displaced
        };
        due.any(is_late).then(|| walk.listing().room.id.borrowed())
    });
    let rooms: AHashSet<_> = refused.chain(lists).collect();
    rooms.len() >= ROOMS
}

/// The beginning of the last send among some messages.
fn newest(input: RuleInput<'_>, ids: &AHashSet<MessageRef<'_>>) -> Option<Nanoseconds> {
    let messages = ids.iter().filter_map(|id| input.model.messages.get(id.as_str()));
    messages.map(|message| message.sent.invoked).max()
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
        let room = |number: u32, later: bool, newer: bool| {
            let room = format!("$r{number}");
            let item =
                |id: &str| format!(r#"@message {{"id": "${id}{number}", "room": "{room}"}}"#);
            let send = |at: &str, id: &str| {
                let body = format!(r#"{{"room": "{room}", "content": "{id}"}}"#);
                format!("[{at}] alice messages.send {body} => 201 {}\n", item(id))
            };
            let list = |at: &str, ids: &[&str]| {
                let items: Vec<_> = ids.iter().map(|id| item(id)).collect();
                let (count, items) = (items.len(), items.join(", "));
                format!(
                    "[{at}] bob messages.list ?room={room} => 200 {{\"count\": {count}, \"next\": null, \"previous\": \
                     null, \"results\": [{items}]}}\n"
                )
            };
            let create = format!(
                "[1..2] alice rooms.create {{\"room_type\": \"group\", \"participant_ids\": [2]}} => 201 @room \
                 {{\"id\": \"{room}\"}}\n"
            );
            let (second, first_read, all) = match newer {
                true => (send("22..23", "n"), vec!["n"], vec!["n", "m"]),
                false => (String::new(), Vec::new(), vec!["m"]),
            };
            let last = if later { list("50..51", &all) } else { String::new() };
            [create, send("10..20", "m"), second, list("30..31", &first_read), last].concat()
        };
        let rooms = |later: [bool; 3], newer| {
            (1..).zip(later).map(|(number, later)| room(number, later, newer)).collect::<String>()
        };
        assert_states(&[
            (RULE, Broken, &rooms([false; 3], false)),
            (RULE, Broken, &rooms([true, true, false], false)),
            (RULE, Held, &rooms([true; 3], false)),
            // A page with something newer shows no earlier state.
            (RULE, Broken, &rooms([true; 3], true)),
        ]);
        // Schemas do not depend on time.
        let schema = rooms([true; 3], false).replace("\"count\": 0", "\"count\": \"0\"");
        assert_states(&[("schema/messages.list", Broken, &schema)]);
    }
}
