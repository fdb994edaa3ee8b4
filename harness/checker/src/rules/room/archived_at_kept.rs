//! Checks that the `archived_at` of a room does not change once it was archived: the first successful
//! response to `rooms.archive` is compared with later ones and with later details. Requests that overlap the
//! first are skipped.

use ahash::AHashMap;
use hearback_contract::{Operation, RequirementId, RoomId};
use hearback_history::Call;
use jiff::Timestamp;
use serde_json::Value;

use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, success};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomArchivedAtKept, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut archived: AHashMap<&RoomId, (&'h Call, Timestamp)> = AHashMap::new();
    let mut again: AHashMap<&RoomId, &'h Call> = AHashMap::new();
    for call in input.history.calls.iter().filter(|call| call.is_authorized()) {
        let is_archive = call.operation() == Some(Operation::RoomsArchive);
        if !is_archive && call.operation() != Some(Operation::RoomsGet) {
            continue;
        }
        let Some(room) = input.model.room_of(call) else { continue };
        let Some((first, at)) = archived.get(&room.id) else {
            let time = call.success().filter(|_| is_archive).and_then(archived_at);
            archived.extend(time.map(|time| (&room.id, (call, time))));
            continue;
        };
        if !first.interval().precedes(call.interval()) {
            continue;
        }
        // Only a second request could change it.
        if is_archive {
            again.insert(&room.id, call);
        }
        let Some(second) = again.get(&room.id) else { continue };
        let Some(body) = success(call, context) else { continue };
        let read = |value: &'h Value| value.as_str()?.parse::<Timestamp>().ok();
        let Some(shown) = member(body, "archived_at", read, context) else { continue };
        context.check(shown == *at, || {
            let place = call.operation().map_or("", Operation::id);
            Violation::new(
                format!("{place}: archived_at"),
                format!("`archived_at` is {at}, as when the room was archived first"),
                format!("it is {shown}"),
            )
            .evidence(*first)
            .evidence(*second)
            .evidence(call)
        });
    }
}

fn archived_at(room: &Value) -> Option<Timestamp> {
    room.get("archived_at")?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn the_time_of_the_first_archiving_stays() {
        const RULE: &str = "room/archived-at-kept";
        let room = |time: &str| {
            format!(r#"200 @room {{"id": "$r1", "is_active": false, "archived_at": "{time}"}}"#)
        };
        let (first, later) = (room("2025-10-19T10:00:00Z"), room("2025-10-19T11:00:00Z"));
        let history = |second: &str, read: &str| {
            format!(
                r#"alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
                alice rooms.archive $r1 => {first}
                {second}
                alice rooms.get $r1 => {read}"#
            )
        };
        let again = |answer: &str| format!("alice rooms.archive $r1 => {answer}");
        assert_states(&[
            (RULE, Held, &history(&again(&first), &first)),
            (RULE, Held, &history(&again("403 @error"), &first)),
            (RULE, Broken, &history(&again(&later), &later)),
            (RULE, Broken, &history(&again("400 @error"), &later)),
            (RULE, NotExercised, &history("", &first)),
        ]);
    }
}
