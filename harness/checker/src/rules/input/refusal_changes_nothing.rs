//! A rejected request changes nothing.
//!
//! Two equal reads of a room, its messages or its participants have to show the same if nothing but
//! a rejected write happened in between; fields that reading itself changes are left out. A
//! rejected rooms.create must not appear in a list of rooms. The rule abstains if something else
//! was written between the two reads.

use std::collections::{HashMap, HashSet};

use hearback_contract::{Access, Operation, RequirementId, schemas};
use hearback_history::{Call, Interval, ScenarioName};
use serde_json::Value;

use crate::model::{Room, WriteKind};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::shown;
use crate::rules::message::field_comparison::is_same;
use crate::violation::Violation;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::InputRefusalChangesNothing, check };

/// Fields that reading itself may change, and links, which may be signed anew for each response.
const VOLATILE: [&str; 9] = [
    "unread_count",
    "last_read_at",
    "is_read",
    "read_by",
    "read_count",
    "modified_at",
    "attachment",
    "next",
    "previous",
];

/// A repeatable read: the scenario, the reader, the operation, the subject and the query.
type Read<'h> = (&'h ScenarioName, &'h str, Operation, Option<&'h str>, &'h [(String, String)]);

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let writes = writes(input);
    let mut last: HashMap<Read<'h>, &'h Call> = HashMap::new();
    for call in &input.history.calls {
        let Some(read) = read(call) else { continue };
        let Some(earlier) = last.insert(read, call) else { continue };
        let Some(room) = input.model.room_of(call) else { continue };
        let Some(refused) = refused_between(writes.get(&read.0), (earlier, call)) else { continue };
        let between =
            Interval { invoked: earlier.interval().invoked, returned: call.interval().returned };
        if !is_quiet(input, room, writes.get(&read.0), between) {
            context.inconclusive(Reason::ConcurrentWrites);
            continue;
        }
        compare(read.2, (earlier, call), refused, context);
    }
    check_rooms(input, context);
}

/// Calls that write, by scenario, in the order of the history.
fn writes<'h>(input: RuleInput<'h>) -> HashMap<&'h ScenarioName, Vec<&'h Call>> {
    let mut writes: HashMap<_, Vec<&Call>> = HashMap::new();
    for call in input.history.calls.iter().filter(|call| call.is_authorized()) {
        if call.operation().is_some_and(|operation| operation.spec().access == Access::Write) {
            writes.entry(&call.invocation.scenario).or_default().push(call);
        }
    }
    writes
}

/// The read that a successful call is, if it is of one room or message.
fn read(call: &Call) -> Option<Read<'_>> {
    let operation = call.operation()?;
    let of_one = matches!(
        operation,
        Operation::RoomsGet
            | Operation::MessagesGet
            | Operation::MessagesList
            | Operation::ParticipantsList
            | Operation::RoomsStats
    );
    let invocation = &call.invocation;
    (of_one && call.is_authorized() && call.success().is_some()).then(|| {
        let query = invocation.query.as_slice();
        (&invocation.scenario, invocation.actor.as_str(), operation, call.subject(), query)
    })
}

/// The last write of the scenario that was rejected between the two reads.
fn refused_between<'h>(
    writes: Option<&Vec<&'h Call>>,
    (earlier, later): (&Call, &Call),
) -> Option<&'h Call> {
    let writes = writes?;
    let until = writes.partition_point(|write| write.invoked < later.invoked);
    let since = writes.partition_point(|write| write.invoked <= earlier.interval().returned);
    let between = writes.get(since..until)?.iter().rev();
    between.copied().find(|write| write.refused() && write.interval().precedes(later.interval()))
}

/// Returns whether surely nothing else was written between the two reads.
fn is_quiet<'h>(
    input: RuleInput<'h>,
    room: &Room<'h>,
    writes: Option<&Vec<&'h Call>>,
    between: Interval,
) -> bool {
    let mut sockets = input.model.sockets.in_room(&room.id);
    let is_silent = sockets.all(|listener| {
        listener.sent().all(|frame| frame.at < between.invoked || frame.at > between.returned)
    });
    // The effect of a write that may have succeeded is unknown.
    let is_clear = writes.into_iter().flatten().all(|write| {
        let is_elsewhere = input.model.room_of(write).is_some_and(|other| other.id != room.id);
        !write.maybe_done() || is_elsewhere || !write.interval().overlaps(between)
    });
    is_silent && is_clear && input.model.is_quiet(room, &WriteKind::ALL, between)
}

fn compare<'h>(
    operation: Operation,
    (earlier, later): (&'h Call, &'h Call),
    refused: &'h Call,
    context: &mut RuleContext<'h>,
) {
    let (Some(before), Some(after)) = (earlier.success(), later.success()) else { return };
    let mut changes = Vec::new();
    differences("", "", before, after, &mut changes);
    if !changes.is_empty()
        && let Some(schema) = schemas::response(operation, 200)
    {
        let undocumented: HashSet<_> = [before, after]
            .into_iter()
            .flat_map(|body| schemas::undocumented_fields(schema, body))
            .collect();
        changes.retain(|change| !undocumented.contains(&change.pointer));
    }
    context.check(changes.is_empty(), || {
        let Change { pointer, before, after } = changes.remove(0);
        let of = refused.operation().map_or("", Operation::id);
        Violation::new(
            format!("{of}: {operation} {pointer}"),
            format!("{pointer} of {operation} is still {before}"),
            format!("after {of} was rejected it is {after}"),
        )
        .evidence(earlier)
        .evidence(refused)
        .evidence(later)
    });
}

/// A place at which two responses differ; array indexes are `*`.
struct Change {
    pointer: String,
    before: String,
    after: String,
}

fn differences(
    pointer: &str,
    name: &str,
    before: &Value,
    after: &Value,
    changes: &mut Vec<Change>,
) {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            let names: HashSet<_> = old.keys().chain(new.keys()).collect();
            for name in names.into_iter().filter(|name| !VOLATILE.contains(&name.as_str())) {
                let value = |members: &serde_json::Map<String, Value>| {
                    members.get(name).cloned().unwrap_or_default()
                };
                differences(&format!("{pointer}/{name}"), name, &value(old), &value(new), changes);
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (old, new) in old.iter().zip(new) {
                differences(&format!("{pointer}/*"), name, old, new, changes);
            }
        }
        (Value::Array(old), Value::Array(new)) => changes.push(Change {
            pointer: pointer.to_owned(),
            before: format!("a list of {}", old.len()),
            after: format!("a list of {}", new.len()),
        }),
        _ if is_same(name, before, after) => {}
        _ => changes.push(Change {
            pointer: pointer.to_owned(),
            before: shown(before),
            after: shown(after),
        }),
    }
}

/// A room whose creation was rejected must not be listed.
fn check_rooms<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let name = |call: &'h Call| call.request.as_ref()?.get("name")?.as_str();
    let mut refused: HashMap<&str, &Call> = HashMap::new();
    let mut taken = HashSet::new();
    for call in input.history.calls_of(Operation::RoomsCreate) {
        match name(call) {
            Some(name) if call.refused() => drop(refused.insert(name, call)),
            Some(name) => drop(taken.insert(name)),
            None => {}
        }
    }
    refused.retain(|name, _| !taken.contains(name) && !name.trim().is_empty());
    if refused.is_empty() {
        return;
    }
    for call in input.history.calls_of(Operation::RoomsList) {
        for room in call.items().into_iter().flatten() {
            let shown = room.get("display_name").and_then(Value::as_str);
            let Some(creation) = shown.and_then(|name| refused.get(name)) else { continue };
            if creation.interval().precedes(call.interval()) {
                context.check(false, || {
                    Violation::new(
                        "rooms.create: rooms.list",
                        "a room whose creation was rejected is not listed",
                        "it is listed",
                    )
                    .evidence(*creation)
                    .evidence(call)
                });
            }
        }
        // A list in which the rejected room could have been is an observation.
        let could_show = |creation: &&Call| {
            creation.interval().precedes(call.interval())
                && creation.invocation.actor == call.invocation.actor
                && creation.invocation.scenario == call.invocation.scenario
        };
        if call.items().is_some() && refused.values().any(could_show) {
            context.held();
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const RULE: &str = "input/refusal-changes-nothing";

    #[test]
    fn reads_before_and_after_a_rejection_are_equal() {
        let read =
            |fields: &str| format!(r#"bob rooms.get $r1 => 200 @room {{"id": "$r1"{fields}}}"#);
        let history = |between: &str, fields: &str| {
            format!(
                r#"
                alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
                {}
                {between}
                {}"#,
                read(""),
                read(fields),
            )
        };
        let refused = r#"alice participants.add {"room": "$r1", "user": "x"} => 400 @error"#;
        let named = r#", "name": "other""#;
        assert_states(&[
            (RULE, Held, &history(refused, "")),
            (RULE, Held, &history(refused, r#", "unread_count": 9, "colour": "red""#)),
            (RULE, Broken, &history(refused, named)),
            (RULE, Broken, &history(refused, r#", "participants": []"#)),
            (RULE, NotExercised, &history("", named)),
            (RULE, NotExercised, &history(&refused.replace("400", "201"), named)),
            (RULE, Undecided, &history(&format!("{refused}\nbob rooms.mark_read $r1 => ?"), named)),
        ]);
    }

    #[test]
    fn a_rejected_room_is_not_listed() {
        let history = |answer: &str, listed: &str| {
            format!(
                r#"
                alice rooms.create {{"room_type": "club", "name": "x1"}} => {answer}
                alice rooms.list => 200 {{"count": 1, "next": null, "previous": null, "results": [{{"display_name": "{listed}"}}]}}"#
            )
        };
        assert_states(&[
            (RULE, Held, &history("400 @error", "other")),
            (RULE, Broken, &history("400 @error", "x1")),
            (RULE, NotExercised, &history("201 @room", "x1")),
        ]);
    }
}
