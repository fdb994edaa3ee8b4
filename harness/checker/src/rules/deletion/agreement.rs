//! Deleted messages in one view and another, then and before.

use ahash::{AHashMap, AHashSet};
use hearback_contract::Operation;
use hearback_history::{Call, Interval};

use super::{graveyard, sights};
use crate::model::{MessageObservation, Transport};
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::{complete_items, shown};
use crate::rules::message::editing::{is_same, part};

/// A list of all messages of a room.
struct List<'h> {
    call: &'h Call,
    ids: AHashSet<&'h str>,
}

pub(super) fn get_agrees_with_list<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let graveyard = graveyard(input);
    if graveyard.is_empty() {
        return;
    }
    let mut lists: AHashMap<(i64, &str), Vec<List<'h>>> = AHashMap::new();
    for call in input.history.calls_of(Operation::MessagesList).filter(|it| it.is_authorized()) {
        let user = input.model.user_id(&call.invocation.actor);
        let (Some(user), Some(room)) = (user, input.model.room_of(call)) else { continue };
        let Some(items) = complete_items(call) else { continue };
        let ids = items.iter().filter_map(|item| item.get("id")?.as_str()).collect();
        lists.entry((user, &room.id)).or_default().push(List { call, ids });
    }
    for call in input.history.calls_of(Operation::MessagesGet).filter(|it| it.is_authorized()) {
        let at = call.interval();
        let deleted = call.subject().and_then(|id| graveyard.get(id)).filter(|it| it.precedes(at));
        let user = input.model.user_id(&call.invocation.actor);
        let (Some(deleted), Some(user)) = (deleted, user) else { continue };
        let is_shown = call.succeeded();
        if !is_shown && call.status() != Some(404) {
            continue;
        }
        let message = deleted.message;
        let Some(room) = input.model.rooms.get(&message.room) else { continue };
        let lists = lists.get(&(user, room.id.as_str())).map_or(&[][..], Vec::as_slice);
        // The lists next to it, in the order of invocation.
        let next = lists.partition_point(|list| list.call.invoked < call.invoked);
        for list in &lists[next.saturating_sub(1)..lists.len().min(next + 1)] {
            let interval = list.call.interval();
            // What was sent before somebody joined may be hidden from them.
            let meanwhile = Interval {
                invoked: message.sent.invoked,
                returned: at.returned.max(interval.returned),
            };
            if !deleted.precedes(interval) || !room.surely_member(user, meanwhile) {
                continue;
            }
            let is_listed = list.ids.contains(message.id.as_str());
            context.check(is_shown == is_listed, || {
                let said = |is_there: bool| if is_there { "shows it" } else { "does not show it" };
                Violation::new(
                    "messages.get and messages.list",
                    "a deleted message is both fetched and listed, or neither",
                    format!("messages.get {}, messages.list {}", said(is_shown), said(is_listed)),
                )
                .evidence(deleted.call)
                .evidence(call)
                .evidence(list.call)
            });
        }
    }
}

/// What a deletion leaves alone.
const UNTOUCHED: [&str; 3] = ["room", "sender", "created_at"];

pub(super) fn changes_nothing_else<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let graveyard = graveyard(input);
    let mut first: AHashMap<&str, &MessageObservation<'h>> = AHashMap::new();
    for observation in input.model.observations.iter().filter(|it| it.transport == Transport::Rest)
    {
        let deleted = observation.id().and_then(|id| graveyard.get_key_value(id));
        if let Some((id, deleted)) = deleted
            && !deleted.message.maybe_deleted(observation.at)
        {
            first.entry(id).or_insert(observation);
        }
    }
    for (observation, deleted) in sights(input, &graveyard) {
        let Some(before) = first.get(deleted.message.id.as_str()) else { continue };
        for field in UNTOUCHED {
            let values = part(before.value, field).zip(part(observation.value, field));
            let Some((earlier, later)) = values else {
                context.inconclusive(format!("`{field}` is absent: see the schema requirements"));
                continue;
            };
            context.check(is_same(field, earlier, later), || {
                Violation::new(
                    format!("{field} in {}", observation.place()),
                    format!("{field} stays {}", shown(earlier)),
                    format!("{field} is {}", shown(later)),
                )
                .evidence(before.evidence)
                .evidence(deleted.call)
                .evidence(observation.evidence)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{DELETED, get, history, shown};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn it_is_shown_alone_and_listed_or_neither() {
        let rule = "deletion/get-agrees-with-list";
        let list = |times: &str, results: &str, next: &str| {
            let count = usize::from(!results.is_empty());
            format!(
                r#"{times} bob messages.list ?room=$r1 => 200 {{"count": {count}, "next": {next}, "previous": null, "results": [{results}]}}"#
            )
        };
        let (there, gone) = (list("[60..61]", &shown(""), "null"), list("[60..61]", "", "null"));
        let fetched = get("[50..51]", "");
        let missing = "[50..51] bob messages.get $m1 => 404 @error";
        assert_states(&[
            (rule, Held, &history(&[DELETED, &fetched, &there])),
            (rule, Held, &history(&[DELETED, missing, &gone])),
            (rule, Broken, &history(&[DELETED, &fetched, &gone])),
            (rule, Broken, &history(&[DELETED, missing, &there])),
            (rule, Broken, &history(&[DELETED, &list("[45..46]", "", "null"), &fetched])),
            (rule, NotExercised, &history(&[DELETED, &list("[35..46]", "", "null"), &fetched])),
            (rule, NotExercised, &history(&[DELETED, &fetched, &list("[60..61]", "", "\"x\"")])),
            (rule, NotExercised, &history(&[&fetched, &gone])),
            (rule, NotExercised, &history(&[DELETED, &fetched, &gone.replace("bob", "alice")])),
            (
                rule,
                NotExercised,
                &history(&[DELETED, missing, &there, "[45..70] bob rooms.leave $r1 => 200 {}"]),
            ),
        ]);
    }

    #[test]
    fn the_rest_of_it_stays() {
        let rule = "deletion/changes-nothing-else";
        let later = |fields: &str| history(&[DELETED, &get("[50..51]", fields)]);
        assert_states(&[
            (rule, Held, &later("")),
            (rule, Held, &later(r#", "created_at": "2025-10-19T14:30:00.000+00:00""#)),
            (rule, Broken, &later(r#", "created_at": "2025-10-19T15:00:00Z""#)),
            (rule, Broken, &later(r#", "sender": {"id": 2}"#)),
            (rule, Broken, &later(r#", "room": "$r2""#)),
            (rule, NotExercised, &history(&[DELETED])),
            (
                rule,
                NotExercised,
                &later(r#", "room": "$r2""#).replace("[30..40] alice", "[15..40] alice"),
            ),
        ]);
    }
}
