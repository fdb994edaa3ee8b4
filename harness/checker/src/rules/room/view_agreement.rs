//! Compares the fields of a room in two operations that show it to the same user.

use ahash::AHashMap;
use hearback_contract::{Operation, RoomRef};
use hearback_history::{ActorName, Call, Interval};
use serde_json::Value;

use crate::model::WriteKind;
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::rules::answer::shown;
use crate::violation::Violation;

/// Maps an operation to one side of the comparison, 0 or 1.
pub(super) type Sides = fn(Operation) -> Option<usize>;

/// A response, and the room in it.
pub(super) type Read<'h> = (&'h Call, &'h Value);

/// Compares each read with the latest read of the same user from the other side, if nothing was written
/// in the room in between.
pub(super) fn compare<'h>(
    input: RuleInput<'h>,
    sides: Sides,
    fields: &[&str],
    context: &mut RuleContext<'h>,
) {
    let mut latest: AHashMap<(&ActorName, RoomRef<'_>), [Option<Read<'h>>; 2]> = AHashMap::new();
    for call in input.history.calls.iter().filter(|call| call.is_authorized()) {
        let Some((operation, side)) = call.operation().and_then(|it| Some((it, sides(it)?))) else {
            continue;
        };
        for (id, value) in rooms_in(call, operation) {
            let Some(room) = input.model.room(id) else { continue };
            let pair = latest.entry((&call.invocation.actor, id)).or_default();
            pair[side] = Some((call, value));
            let [Some(one), Some(other)] = *pair else { continue };
            let between = Interval {
                invoked: one.0.interval().invoked.min(other.0.interval().invoked),
                returned: one.0.interval().returned.max(other.0.interval().returned),
            };
            if !input.model.is_quiet(room, &WriteKind::ALL, between) {
                context.inconclusive(Reason::ConcurrentWrites);
                continue;
            }
            let (first, second) = if side == 1 { (one, other) } else { (other, one) };
            for field in fields {
                check_same(field, first, second, context);
            }
        }
    }
}

/// Returns the rooms in a response, with their ids.
fn rooms_in(call: &Call, operation: Operation) -> Vec<(RoomRef<'_>, &Value)> {
    match operation {
        Operation::RoomsList => call
            .items()
            .into_iter()
            .flatten()
            .filter_map(|item| Some((item.get("id").and_then(RoomRef::from_json)?, item)))
            .collect(),
        _ => call.room_in_path().zip(call.success()).into_iter().collect(),
    }
}

fn check_same<'h>(field: &str, first: Read<'h>, second: Read<'h>, context: &mut RuleContext<'h>) {
    let (Some(one), Some(other)) = (first.1.get(field), second.1.get(field)) else {
        context.inconclusive(Reason::SchemaBroken(field.into()));
        return;
    };
    let kind = |value: &Value| (value.is_string(), value.is_i64(), value.is_boolean());
    if kind(one) != kind(other) || kind(one) == (false, false, false) {
        context.inconclusive(Reason::SchemaBroken(field.into()));
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
        .member(field)
        .evidence(first.0)
        .evidence(second.0)
    });
}

#[cfg(test)]
pub(super) mod testing {
    //! A room, and lines that read it.

    pub(in super::super) fn then(lines: &str) -> String {
        format!("{CREATED}\n{lines}")
    }

    pub(in super::super) const CREATED: &str = r#"alice rooms.create {"room_type": "group", "name": "x", "participant_ids": [2]} => 201 @room {"id": "$r1", "name": "x"}"#;
}
