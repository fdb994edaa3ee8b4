//! Views of one room agree with each other.

use ahash::AHashMap;
use hearback_contract::Operation;
use hearback_history::{ActorName, Call, Interval};
use serde_json::Value;

use crate::model::WriteKind;
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::{shown, success};

/// What a room keeps from its creation on.
const LASTING: [&str; 6] = ["id", "room_type", "name", "task", "property", "created_at"];

/// What the list shows of a room and its detail, too.
const LISTED: [&str; 5] =
    ["display_name", "room_type", "participant_count", "unread_count", "is_active"];

pub(super) fn get_equals_create<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::RoomsGet).filter(|call| call.is_authorized()) {
        let Some(room) = input.model.room_of(call) else { continue };
        let Some(made) = room.creation.success() else { continue };
        if !room.creation.interval().precedes(call.interval()) {
            continue;
        }
        let Some(fetched) = success(call, context) else { continue };
        for field in LASTING {
            let (Some(made), Some(fetched)) = (made.get(field), fetched.get(field)) else {
                context.inconclusive(format!("`{field}` is absent: see the schema requirements"));
                continue;
            };
            context.check(is_same(made, fetched), || {
                Violation::new(
                    format!("rooms.get: {field}"),
                    format!("`{field}` is {}, as when the room was created", shown(made)),
                    format!("it is {}", shown(fetched)),
                )
                .evidence(room.creation)
                .evidence(call)
            });
        }
    }
}

/// Whether two values are the same: an absent name is null or empty, and a date-time may be written in
/// different ways.
fn is_same(one: &Value, other: &Value) -> bool {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let is_text = |value: &Value| value.is_string() || value.is_null();
    let instant = |value: &Value| value.as_str()?.parse::<jiff::Timestamp>().ok();
    one == other
        || is_text(one) && is_text(other) && text(one) == text(other)
        || instant(one).is_some_and(|one| instant(other) == Some(one))
}

/// What two looks of one user at one room are: of the one side or the other.
type Sides = fn(Operation) -> Option<usize>;

pub(super) fn detail_equals_list<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let sides: Sides = |operation| match operation {
        Operation::RoomsGet => Some(0),
        Operation::RoomsList => Some(1),
        _ => None,
    };
    compare(input, sides, &LISTED, context);
}

pub(super) fn stats_unread_count<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let sides: Sides = |operation| match operation {
        Operation::RoomsGet => Some(0),
        Operation::RoomsStats => Some(1),
        _ => None,
    };
    compare(input, sides, &["unread_count"], context);
}

/// A response and the room as it shows it.
type Look<'h> = (&'h Call, &'h Value);

/// Compares each look with the latest one of the same user from the other side, if nothing was
/// written in the room from the one to the other.
fn compare<'h>(input: RuleInput<'h>, sides: Sides, fields: &[&str], context: &mut RuleContext<'h>) {
    let mut latest: AHashMap<(&ActorName, &str), [Option<Look<'h>>; 2]> = AHashMap::new();
    for call in input.history.calls.iter().filter(|call| call.is_authorized()) {
        let Some((operation, side)) = call.operation().and_then(|it| Some((it, sides(it)?))) else {
            continue;
        };
        for (id, value) in rooms_in(call, operation) {
            let Some(room) = input.model.rooms.get(id) else { continue };
            let looks = latest.entry((&call.invocation.actor, id)).or_default();
            looks[side] = Some((call, value));
            let [Some(one), Some(other)] = *looks else { continue };
            let between = Interval {
                invoked: one.0.invoked.min(other.0.invoked),
                returned: one.0.interval().returned.max(other.0.interval().returned),
            };
            if !input.model.is_quiet(room, &WriteKind::ALL, between) {
                context.inconclusive("something was written between the two views");
                continue;
            }
            let (first, second) = if side == 1 { (one, other) } else { (other, one) };
            for field in fields {
                check_same(field, first, second, context);
            }
        }
    }
}

/// Ids and objects of the rooms that a response shows.
fn rooms_in(call: &Call, operation: Operation) -> Vec<(&str, &Value)> {
    match operation {
        Operation::RoomsList => call
            .items()
            .into_iter()
            .flatten()
            .filter_map(|item| Some((item.get("id")?.as_str()?, item)))
            .collect(),
        _ => call.subject().zip(call.success()).into_iter().collect(),
    }
}

fn check_same<'h>(field: &str, first: Look<'h>, second: Look<'h>, context: &mut RuleContext<'h>) {
    let (Some(one), Some(other)) = (first.1.get(field), second.1.get(field)) else {
        context.inconclusive(format!("`{field}` is absent: see the schema requirements"));
        return;
    };
    let kind = |value: &Value| (value.is_string(), value.is_i64(), value.is_boolean());
    if kind(one) != kind(other) || kind(one) == (false, false, false) {
        context.inconclusive(format!("`{field}` is mistyped: see the schema requirements"));
        return;
    }
    context.check(one == other, || {
        let place = |call: &Call| call.operation().map_or("", Operation::id);
        Violation::new(
            format!("rooms: {field}"),
            format!(
                "{} shows `{field}` {}, as {} does",
                place(second.0),
                shown(one),
                place(first.0)
            ),
            format!("it shows {}", shown(other)),
        )
        .evidence(first.0)
        .evidence(second.0)
    });
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{assert_states, verdict_of};
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const MADE: &str = r#"alice rooms.create {"room_type": "group", "name": "x", "participant_ids": [2]} => 201 @room {"id": "$r1", "name": "x"}"#;

    fn then(lines: &str) -> String {
        format!("{MADE}\n{lines}")
    }

    #[test]
    fn a_fetched_room_is_the_one_that_was_made() {
        let get = |overrides: &str| {
            then(&format!(
                r#"bob rooms.get $r1 => 200 @room {{"id": "$r1", "name": "x", {overrides}}}"#
            ))
        };
        const RULE: &str = "room/get-equals-create";
        assert_states(&[
            (RULE, Held, &get(r#""unread_count": 9"#)),
            (RULE, Held, &get(r#""created_at": "2025-10-19T12:00:00.000+02:00""#)),
            (RULE, Broken, &get(r#""created_at": "2025-10-19T10:00:01Z""#)),
            (RULE, Broken, &get(r#""name": """#)),
            (RULE, Broken, &get(r#""room_type": "group""#)),
            (RULE, Broken, &get(r#""id": "$r2""#)),
            (RULE, NotExercised, MADE),
            (RULE, Undecided, &then("bob rooms.get $r1 => 500 @error")),
        ]);
        assert_eq!(verdict_of(RULE, &get(r#""task": "$absent""#)).observations, 5);
    }

    const SUMMARY: &str = r#"@room_summary {"id": "$r1", "display_name": "Bob Smith"}"#;

    #[test]
    fn the_list_shows_what_the_detail_shows() {
        const RULE: &str = "room/detail-equals-list";
        let get = r#"alice rooms.get $r1 => 200 @room {"id": "$r1"}"#;
        let list = format!(r#"alice rooms.list => 200 {{"results": [{SUMMARY}]}}"#);
        let other = r#"alice rooms.list => 200 {"results": [@room_summary {"id": "$r1"}]}"#;
        let send = r#"bob messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1"}"#;
        assert_states(&[
            (RULE, Held, &then(&format!("{get}\n{list}"))),
            (RULE, Held, &then(&format!("{list}\n{get}"))),
            (RULE, Broken, &then(&format!("{get}\n{other}"))),
            (RULE, Broken, &then(&format!("{other}\n{get}"))),
            (RULE, Undecided, &then(&format!("{get}\n{send}\n{other}"))),
            (RULE, NotExercised, &then(&format!("{get}\n{}", other.replace("alice", "bob")))),
            // A send that nobody heard of may happen at any time.
            (
                RULE,
                Undecided,
                &then(&format!(
                    "bob messages.send {{\"room\": \"$r1\", \"content\": \"a\"}} => ?\n{get}\n{other}"
                )),
            ),
        ]);
    }

    #[test]
    fn the_statistics_count_unread_as_the_room_does() {
        const RULE: &str = "room/stats-unread-count";
        let get = r#"alice rooms.get $r1 => 200 @room {"id": "$r1"}"#;
        let stats = "alice rooms.stats $r1 => 200 @room_stats";
        let read = "alice rooms.mark_read $r1 => 200 {}";
        let none = r#"alice rooms.stats $r1 => 200 @room_stats {"unread_count": 0}"#;
        assert_states(&[
            (RULE, Held, &then(&format!("{get}\n{stats}"))),
            (RULE, Broken, &then(&format!("{none}\n{get}"))),
            (RULE, Undecided, &then(&format!("{get}\n{read}\n{none}"))),
            (
                RULE,
                Undecided,
                &then(&format!(
                    "{get}\nalice rooms.stats $r1 => 200 @room_stats {{\"unread_count\": \"3\"}}"
                )),
            ),
        ]);
    }
}
