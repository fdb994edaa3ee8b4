//! Numbers of participants and messages.

use ahash::AHashSet;
use hearback_contract::Operation;
use hearback_history::Call;
use serde_json::Value;

use super::creation::known_users;
use super::founding::is_founded_as_asked;
use crate::model::{Room, WriteKind};
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::{member, success};

pub(super) fn participant_count<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for observation in &input.model.room_observations {
        let call = observation.call;
        let Some(room) = observation.id().and_then(|id| input.model.rooms.get(id)) else {
            continue;
        };
        let participants = observation.participants();
        let count = member(observation.value, "participant_count", Value::as_u64, context);
        let (Some(participants), Some(count)) = (participants, count) else {
            context
                .inconclusive("`participants` are absent or mistyped: see the schema requirements");
            continue;
        };
        if !input.model.is_quiet(room, &[WriteKind::Membership], call.interval()) {
            context.inconclusive("the participants changed meanwhile");
            continue;
        }
        context.check(count == participants.len() as u64, || {
            Violation::new(
                format!("{}: participant_count", call.operation().map_or("", Operation::id)),
                format!("`participant_count` is {}, as many as are shown", participants.len()),
                format!("it is {count}"),
            )
            .evidence(call)
        });
    }
}

/// Every answer of rooms.stats about a room of this run, with the number that `field` holds.
fn statistics<'h>(
    input: RuleInput<'h>,
    field: &str,
    context: &mut RuleContext<'h>,
) -> Vec<(&'h Room<'h>, &'h Call, u64)> {
    let calls = input.history.calls_of(Operation::RoomsStats).filter(|call| call.is_authorized());
    let mut statistics = Vec::new();
    for call in calls {
        let Some(room) = input.model.room_of(call) else { continue };
        let Some(body) = success(call, context) else { continue };
        let count = member(body, field, Value::as_u64, context);
        statistics.extend(count.map(|count| (room, call, count)));
    }
    statistics
}

pub(super) fn stats_message_count<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (room, call, count) in statistics(input, "message_count", context) {
        let at = call.interval();
        let viewer = input.model.user_id(&call.invocation.actor);
        if !viewer.is_some_and(|viewer| room.surely_founder(viewer, at)) {
            context.inconclusive("the viewer has not been in the room all the time");
            continue;
        }
        let is_quiet = input.model.is_quiet(room, &[WriteKind::Send, WriteKind::Alter], at);
        if !is_quiet || room.has_foreign_messages {
            context.inconclusive("how many messages there were at the time cannot be told");
            continue;
        }
        let most = room.acknowledged_before(at);
        let least = most.saturating_sub(room.maybe_deleted_by(at));
        context.check((least as u64..=most as u64).contains(&count), || {
            let expected = if least == most {
                format!("`message_count` is {most}, as many as were sent")
            } else {
                format!("`message_count` is {least} to {most}: deleted messages may count")
            };
            let violation =
                Violation::new("rooms.stats: message_count", expected, format!("it is {count}"));
            let newest = most.checked_sub(1).and_then(|index| room.messages.get(index));
            match newest.and_then(|id| input.model.messages.get(id)) {
                Some(message) => violation.evidence(message.origin).evidence(call),
                None => violation.evidence(call),
            }
        });
    }
}

pub(super) fn stats_participant_count<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let known = known_users(input.history);
    let unsure: AHashSet<&str> = input
        .model
        .rooms
        .values()
        .filter(|room| {
            !room.members.keys().all(|user| known.contains(user)) || !is_founded_as_asked(room)
        })
        .map(|room| room.id.as_str())
        .collect();
    for (room, call, count) in statistics(input, "participant_count", context) {
        let members =
            room.members_at(call.interval()).filter(|_| !unsure.contains(room.id.as_str()));
        let Some(members) = members else {
            context.inconclusive("who was in the room at the time cannot be told");
            continue;
        };
        context.check(count == members.len() as u64, || {
            Violation::new(
                "rooms.stats: participant_count",
                format!("`participant_count` is {}: users {members:?} are in", members.len()),
                format!("it is {count}"),
            )
            .evidence(room.creation)
            .evidence(call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, Undecided};

    const MADE: &str = r#"alice rooms.create {"room_type": "group", "name": "x", "participant_ids": [2]} => 201 @room {"id": "$r1", "participants": [@participant {"user": {"id": 1}}, @participant {"user": {"id": 2}}]}"#;

    fn send(number: u32) -> String {
        format!(
            r#"bob messages.send {{"room": "$r1", "content": "a"}} => 201 @message {{"id": "$m{number}", "room": "$r1"}}"#
        )
    }

    #[test]
    fn a_room_counts_its_participants() {
        const RULE: &str = "room/participant-count";
        let get = |count: &str| {
            format!(
                r#"{MADE}
                bob rooms.get $r1 => 200 @room {{"id": "$r1", "participant_count": {count}, "participants": [@participant {{"user": {{"id": 1}}}}, @participant {{"user": {{"id": 2}}, "left_at": "2025-10-19T10:00:00Z"}}]}}"#
            )
        };
        let overlapping = format!(
            r#"[1..2] {MADE}
            [9..11] bob rooms.leave $r1 => 200 {{}}
            [10..12] alice rooms.get $r1 => 200 @room {{"id": "$r1", "participant_count": 1}}"#
        );
        assert_states(&[
            (RULE, Held, &get("1")),
            (RULE, Broken, &get("2")),
            (RULE, Held, &get(r#""two""#)),
            (RULE, Held, &overlapping),
            (
                RULE,
                Broken,
                &MADE.replace(r#""id": "$r1","#, r#""id": "$r1", "participant_count": 3,"#),
            ),
            (
                RULE,
                Undecided,
                &MADE.replace(r#""id": "$r1","#, r#""id": "$r1", "participant_count": "3","#),
            ),
        ]);
    }

    #[test]
    fn the_statistics_count_messages() {
        const RULE: &str = "room/stats-message-count";
        let stats = |between: &str, count: u32| {
            format!(
                "{MADE}\n{}\n{}\n{between}\nalice rooms.stats $r1 => 200 @room_stats {{\"message_count\": {count}}}",
                send(1),
                send(2)
            )
        };
        let delete = "bob messages.delete $m1 => 200 {}";
        let add = r#"alice participants.add {"room": "$r1", "user": 3} => 201 @participant"#;
        assert_states(&[
            (RULE, Held, &stats("", 2)),
            (RULE, Broken, &stats("", 1)),
            (RULE, Broken, &stats("", 3)),
            (RULE, Held, &stats(delete, 2)),
            (RULE, Held, &stats(delete, 1)),
            (RULE, Broken, &stats(delete, 0)),
            (RULE, Undecided, &stats(&send(3).replace("=> 201", "=> 502"), 2)),
            (
                RULE,
                Undecided,
                &stats(&format!("[20..99] {}", send(3)), 2).replace("\nalice", "\n[50..51] alice"),
            ),
            // Who came later may see less.
            (RULE, Undecided, &stats(add, 0).replace("alice rooms.stats", "carol rooms.stats")),
        ]);
    }

    #[test]
    fn the_statistics_count_participants() {
        const RULE: &str = "room/stats-participant-count";
        let stats = |between: &str, count: u32| {
            format!(
                "{MADE}\n{between}\nalice rooms.stats $r1 => 200 @room_stats {{\"participant_count\": {count}}}"
            )
        };
        let leave = "bob rooms.leave $r1 => 200 {}";
        assert_states(&[
            (RULE, Held, &stats("", 2)),
            (RULE, Broken, &stats("", 3)),
            (RULE, Held, &stats(leave, 1)),
            (RULE, Broken, &stats(leave, 2)),
            (RULE, Undecided, &stats("bob rooms.leave $r1 => ?", 2)),
            (
                RULE,
                Undecided,
                &stats(&format!("[1..99] {leave}"), 2).replace("\nalice", "\n[50..51] alice"),
            ),
        ]);
    }
}
