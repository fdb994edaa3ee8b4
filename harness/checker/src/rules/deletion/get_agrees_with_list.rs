//! Checks that `messages.get` and `messages.list` agree on whether a deleted message still exists.
//! A server may hide deleted messages or show the placeholder, but the same way in both. Each
//! `messages.get` is compared with the complete lists next to it that the same user requested after
//! the deletion; the user must have been a member from the send to the last of the two reads,
//! because earlier messages may be hidden from new members.

use ahash::{AHashMap, AHashSet};
use hearback_contract::{MessageRef, Operation, RequirementId, RoomRef, UserId};
use hearback_history::{Call, Interval};

use super::deleted_messages::deleted_messages;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::complete_items;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::DeletionGetAgreesWithList, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let deleted_messages = deleted_messages(input);
    if deleted_messages.is_empty() {
        return;
    }
    let mut lists: AHashMap<(UserId, RoomRef<'_>), Vec<List<'h>>> = AHashMap::new();
    for call in input.history.calls_of(Operation::MessagesList).filter(|it| it.is_authorized()) {
        let user = input.model.user_id(&call.invocation.actor);
        let (Some(user), Some(room)) = (user, input.model.room_of(call)) else { continue };
        let Some(items) = complete_items(call) else { continue };
        let ids = items
            .iter()
            .filter_map(|item| item.get("id").and_then(MessageRef::from_json))
            .collect();
        lists.entry((user, room.id.borrowed())).or_default().push(List { call, ids });
    }
    for call in input.history.calls_of(Operation::MessagesGet).filter(|it| it.is_authorized()) {
        let at = call.interval();
        let deleted = call
            .message_in_path()
            .and_then(|id| deleted_messages.get(&id))
            .filter(|it| it.precedes(at));
        let user = input.model.user_id(&call.invocation.actor);
        let (Some(deleted), Some(user)) = (deleted, user) else { continue };
        let is_shown = call.succeeded();
        if !is_shown && call.status() != Some(404) {
            continue;
        }
        let message = deleted.message;
        let Some(room) = input.model.rooms.get(&message.room) else { continue };
        let lists = lists.get(&(user, room.id.borrowed())).map_or(&[][..], Vec::as_slice);
        // The lists before and after it, in the order of invocation.
        let next = lists.partition_point(|list| list.call.invoked < call.invoked);
        for list in &lists[next.saturating_sub(1)..lists.len().min(next + 1)] {
            let interval = list.call.interval();
            // Messages that were sent before a member joined may be hidden from that member.
            let meanwhile = Interval {
                invoked: message.sent.invoked,
                returned: at.returned.max(interval.returned),
            };
            if !deleted.precedes(interval) || !room.surely_member(user, meanwhile) {
                continue;
            }
            let is_listed = list.ids.contains(&message.id.borrowed());
            context.check(is_shown == is_listed, || {
                let shows = |is_there: bool| if is_there { "shows it" } else { "does not show it" };
                Violation::new(
                    "messages.get and messages.list",
                    "messages.get and messages.list both show the deleted message, or neither does",
                    format!("messages.get {}, messages.list {}", shows(is_shown), shows(is_listed)),
                )
                .evidence(deleted.call)
                .evidence(call)
                .evidence(list.call)
            });
        }
    }
}

/// A complete list of the messages of a room.
struct List<'h> {
    call: &'h Call,
    ids: AHashSet<MessageRef<'h>>,
}

#[cfg(test)]
mod tests {
    use crate::rules::deletion::deleted_messages::testing::{DELETED, get, history, shown};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn get_and_list_agree() {
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
}
