//! Rooms of each type can be made.

use std::collections::BTreeSet;

use ahash::AHashSet;
use hearback_contract::Operation;
use hearback_history::{Call, History};
use serde_json::{Map, Value};

use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::{member, quoted, refusal, shown, success};
use crate::rules::text;

/// Members that the document's examples of the request have.
const DOCUMENTED: [&str; 5] = ["name", "room_type", "task", "property", "participant_ids"];

/// Longest name that no server may mind; the document gives no maximum.
const UNSUSPECTED_NAME: usize = 100;

/// A request for a room that shows a valid token and is a JSON object.
pub(super) struct Creation<'h> {
    /// The call.
    pub(super) call: &'h Call,
    /// Its body.
    pub(super) request: &'h Map<String, Value>,
    /// Who asks, where that is known.
    pub(super) creator: Option<i64>,
    /// The participants asked for; none if absent, `None` if that is not a list of integers.
    asked: Option<Vec<i64>>,
}

/// Every request for a room, in the order of the record.
pub(super) fn creations(history: &History) -> impl Iterator<Item = Creation<'_>> {
    history
        .calls_of(Operation::RoomsCreate)
        .filter(|call| call.is_authorized() && call.status() != Some(401))
        .filter(|call| {
            let content_type = call.invocation.content_type.as_deref();
            content_type.is_some_and(|name| name.starts_with("application/json"))
        })
        .filter_map(|call| {
            let request = call.request.as_ref()?.as_object()?;
            let asked = match request.get("participant_ids") {
                None => Some(Vec::new()),
                Some(ids) => ids
                    .as_array()
                    .and_then(|ids| ids.iter().map(Value::as_i64).collect::<Option<Vec<_>>>()),
            };
            let creator = history.user_id(&call.invocation.actor);
            Some(Creation { call, request, creator, asked })
        })
}

/// User ids of everybody who takes part in the run: users that surely exist.
pub(in crate::rules) fn known_users(history: &History) -> AHashSet<i64> {
    history.actors.values().filter_map(|actor| actor.user_id).collect()
}

impl Creation<'_> {
    /// The type asked for, if it is a text.
    pub(super) fn room_type(&self) -> Option<&str> {
        self.request.get("room_type")?.as_str()
    }

    /// Those asked for, the creator left out, each once; `None` if that is not a list of integers.
    pub(super) fn others(&self) -> Option<BTreeSet<i64>> {
        let asked = self.asked.as_ref()?.iter().copied();
        Some(asked.filter(|user| Some(*user) != self.creator).collect())
    }

    /// Whether all that are asked for surely exist.
    pub(super) fn asks_for_known(&self, known: &AHashSet<i64>) -> bool {
        self.creator.is_some()
            && self
                .asked
                .as_ref()
                .is_some_and(|asked| asked.iter().all(|user| known.contains(user)))
    }

    /// Whether nothing but `subject` is in the request that a server may have reason to refuse.
    fn is_ordinary(&self, subject: Option<&str>, known: &AHashSet<i64>) -> bool {
        let names_nobody_twice = self.others().map(|others| others.len())
            == self.asked.as_ref().map(Vec::len)
            && self.asked.as_ref().is_some_and(|asked| !asked.is_empty());
        let is_plain = |name: &str, value: &Value| match name {
            "name" => value.as_str().is_some_and(|name| {
                !name.trim().is_empty()
                    && name.chars().count() <= UNSUSPECTED_NAME
                    && !name.chars().any(char::is_control)
            }),
            "task" | "property" => value.is_null() || Some(name) == subject,
            _ => DOCUMENTED.contains(&name),
        };
        names_nobody_twice
            && self.asks_for_known(known)
            && self.request.iter().all(|(name, value)| is_plain(name, value))
    }
}

pub(super) fn create_group<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let known = known_users(input.history);
    for creation in creations(input.history).filter(|it| it.room_type() == Some("group")) {
        // A group may be refused for having no name (group-name).
        let is_refusable =
            !creation.is_ordinary(None, &known) || !creation.request.contains_key("name");
        check_made(&creation, "group", "name", |_| is_refusable, context);
    }
}

pub(super) fn create_direct<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let known = known_users(input.history);
    for creation in creations(input.history).filter(|it| it.room_type() == Some("direct")) {
        if creation.others().is_none_or(|others| others.len() != 1) {
            continue;
        }
        // The two may have had a room before the run (second-direct-room).
        let is_ordinary = creation.is_ordinary(None, &known);
        check_made(
            &creation,
            "direct",
            "room_type",
            |status| !is_ordinary || matches!(status, 400 | 409),
            context,
        );
    }
}

pub(super) fn create_task<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    create_about(input, "task", context);
}

pub(super) fn create_property<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    create_about(input, "property", context);
}

/// Rooms that refer to something that is kept elsewhere.
fn create_about<'h>(input: RuleInput<'h>, subject: &'static str, context: &mut RuleContext<'h>) {
    let known = known_users(input.history);
    for creation in creations(input.history).filter(|it| it.room_type() == Some(subject)) {
        if !creation.request.get(subject).is_some_and(Value::is_i64) {
            continue;
        }
        // Whether the target knows the number is not in the record (task-and-property).
        let is_ordinary = creation.is_ordinary(Some(subject), &known);
        check_made(
            &creation,
            subject,
            subject,
            |status| !is_ordinary || matches!(status, 400 | 404 | 409),
            context,
        );
    }
}

/// Checks that a room was made, with the type and the value of `field` that were asked for.
fn check_made<'h>(
    creation: &Creation<'h>,
    room_type: &str,
    field: &str,
    is_refusable: impl FnOnce(u16) -> bool,
    context: &mut RuleContext<'h>,
) {
    let call = creation.call;
    let Some(status) = call.status() else { return };
    let Some(room) = success(call, context) else {
        if status < 500 && !call.succeeded() {
            if is_refusable(status) {
                context.inconclusive(format!("{}, which the target may", refusal(call)));
            } else {
                context.check(false, || {
                    Violation::new(
                        "rooms.create: refused",
                        format!("a {room_type} room is made"),
                        refusal(call),
                    )
                    .evidence(call)
                });
            }
        }
        return;
    };
    let Some(made) = member(room, "room_type", Value::as_str, context) else { return };
    context.check(made == room_type, || {
        Violation::new(
            "rooms.create: room_type",
            format!("`room_type` is {}, as asked", quoted(room_type)),
            format!("it is {}", quoted(made)),
        )
        .evidence(call)
    });
    let Some(asked) = creation.request.get(field).filter(|asked| !asked.is_null()) else { return };
    let Some(given) = room.get(field).filter(|given| {
        given.is_null()
            || given.is_string() == asked.is_string() && given.is_i64() == asked.is_i64()
    }) else {
        context
            .inconclusive(format!("`{field}` is absent or mistyped: see the schema requirements"));
        return;
    };
    // White space around a name may be trimmed.
    let is_same = match (given.as_str(), asked.as_str()) {
        (Some(given), Some(asked)) => given.trim() == asked.trim(),
        _ => given == asked,
    };
    // What becomes of blank names and control characters is a server's own affair.
    let is_odd = asked.as_str().is_some_and(|asked| !text::is_ordinary(asked));
    context.check(is_same || is_odd, || {
        Violation::new(
            format!("rooms.create: {field}"),
            format!("`{field}` is {}, as asked", shown(asked)),
            format!("it is {}", shown(given)),
        )
        .evidence(call)
    });
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn rooms_are_made_as_asked() {
        const GROUP: &str =
            r#"alice rooms.create {"room_type": "group", "name": "x", "participant_ids": [2]}"#;
        const DIRECT: &str =
            r#"alice rooms.create {"room_type": "direct", "participant_ids": [2]}"#;
        const TASK: &str =
            r#"alice rooms.create {"room_type": "task", "task": 42, "participant_ids": [2]}"#;
        let cases: &[(&str, _, &str, &str)] = &[
            ("room/create-group", Held, GROUP, r#"201 @room {"room_type": "group", "name": "x"}"#),
            (
                "room/create-group",
                Broken,
                GROUP,
                r#"201 @room {"room_type": "group", "name": "y"}"#,
            ),
            (
                "room/create-group",
                Broken,
                GROUP,
                r#"201 @room {"room_type": "group", "name": null}"#,
            ),
            ("room/create-group", Broken, GROUP, r#"201 @room {"room_type": "task", "name": "x"}"#),
            ("room/create-group", Broken, GROUP, "400 @error"),
            ("room/create-group", Undecided, GROUP, "500 @error"),
            ("room/create-group", NotExercised, GROUP, "401 @error"),
            ("room/create-group", NotExercised, GROUP, "?"),
            ("room/create-group", NotExercised, DIRECT, "201 @room"),
            ("room/create-direct", Held, DIRECT, "201 @room"),
            ("room/create-direct", Held, DIRECT, "200 @room"),
            ("room/create-direct", Broken, DIRECT, r#"201 @room {"room_type": "group"}"#),
            ("room/create-direct", Broken, DIRECT, "403 @error"),
            ("room/create-direct", Undecided, DIRECT, "400 @error"),
            ("room/create-task", Held, TASK, r#"201 @room {"room_type": "task", "task": 42}"#),
            ("room/create-task", Broken, TASK, r#"201 @room {"room_type": "task", "task": null}"#),
            ("room/create-task", Broken, TASK, r#"201 @room {"room_type": "task", "task": 41}"#),
            ("room/create-task", Undecided, TASK, "400 @error"),
        ];
        for (requirement, state, request, response) in cases {
            assert_states(&[(requirement, *state, &format!("{request} => {response}"))]);
        }
        assert_states(&[
            (
                "room/create-property",
                Held,
                r#"alice rooms.create {"room_type": "property", "property": 7, "participant_ids": [2]} => 201 @room {"room_type": "property", "property": 7}"#,
            ),
            (
                "room/create-property",
                Broken,
                r#"alice rooms.create {"room_type": "property", "property": 7, "participant_ids": [2]} => 201 @room {"room_type": "property", "task": 7}"#,
            ),
        ]);
    }

    #[test]
    fn what_may_be_refused_is_not_held_against_the_target() {
        for request in [
            r#"{"room_type": "group", "participant_ids": [2]}"#,
            r#"{"room_type": "group", "name": " ", "participant_ids": [2]}"#,
            r#"{"room_type": "group", "name": "x", "participant_ids": [999]}"#,
            r#"{"room_type": "group", "name": "x", "participant_ids": [2, 2]}"#,
            r#"{"room_type": "group", "name": "x", "participant_ids": [1, 2]}"#,
            r#"{"room_type": "group", "name": "x", "participant_ids": "2"}"#,
            r#"{"room_type": "group", "name": 5, "participant_ids": [2]}"#,
            r#"{"room_type": "group", "name": "x", "participant_ids": [2], "colour": "red"}"#,
        ] {
            let history = format!("alice rooms.create {request} => 400 @error");
            assert_states(&[("room/create-group", Undecided, &history)]);
        }
    }
}
