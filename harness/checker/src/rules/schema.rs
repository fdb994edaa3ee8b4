//! Family `schema`: every response and event fits its schema.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use ahash::AHashSet;
use hearback_contract::schemas::{self, Schema, SchemaViolation};
use hearback_contract::{Operation, RequirementId, ServerEvent};
use hearback_history::{Body, Call, CloseOrigin, FrameDirection, Outcome};
use serde_json::Value;

use crate::rule::{Rule, RuleInput};
use crate::rule_context::{Evidence, RuleContext, Violation};

/// The keyword by which a schema asks for a date-time; what breaks it is schema/date-time's.
const DATE_TIME: &str = "date-time";

macro_rules! operations {
    ($($requirement:ident => $operation:ident),* $(,)?) => {
        &[$(Rule {
            requirement: RequirementId::$requirement,
            check: |input, context| responses(input, context, Operation::$operation),
        }),*]
    };
}

macro_rules! events {
    ($($requirement:ident => $event:ident),* $(,)?) => {
        &[$(Rule {
            requirement: RequirementId::$requirement,
            check: |input, context| events(input, context, ServerEvent::$event),
        }),*]
    };
}

/// The rules about the responses of one operation.
pub static RESPONSES: &[Rule] = operations! {
    SchemaTokenObtain => TokenObtain,
    SchemaRoomsList => RoomsList,
    SchemaRoomsCreate => RoomsCreate,
    SchemaRoomsGet => RoomsGet,
    SchemaRoomsMarkRead => RoomsMarkRead,
    SchemaRoomsLeave => RoomsLeave,
    SchemaRoomsArchive => RoomsArchive,
    SchemaRoomsStats => RoomsStats,
    SchemaMessagesList => MessagesList,
    SchemaMessagesSend => MessagesSend,
    SchemaMessagesGet => MessagesGet,
    SchemaMessagesEdit => MessagesEdit,
    SchemaMessagesSearch => MessagesSearch,
    SchemaParticipantsList => ParticipantsList,
};

/// The rules about one type of event.
pub static EVENTS: &[Rule] = events! {
    SchemaSocketConnectionEstablished => ConnectionEstablished,
    SchemaSocketChatMessage => ChatMessage,
    SchemaSocketTyping => Typing,
    SchemaSocketReadReceipt => ReadReceipt,
    SchemaSocketRoomMarkedRead => RoomMarkedRead,
    SchemaSocketError => Error,
};

/// The rules about all responses and events.
pub static ALL: &[Rule] = &[
    Rule { requirement: RequirementId::SchemaEventType, check: event_type },
    Rule { requirement: RequirementId::SchemaDateTime, check: date_time },
    Rule { requirement: RequirementId::SchemaContentType, check: content_type },
    Rule { requirement: RequirementId::SchemaUndocumentedFields, check: undocumented_fields },
];

fn schema_of(call: &Call) -> Option<&'static Schema> {
    schemas::response(call.operation()?, call.status()?)
}

/// The pointer with array indexes made `*`, and the keyword: the same for every item of a list.
fn variant(pointer: &str, keyword: &str) -> String {
    let place: Vec<_> = pointer
        .split('/')
        .map(|part| if part.parse::<usize>().is_ok() { "*" } else { part })
        .collect();
    format!("{} {keyword}", place.join("/"))
}

/// Whether a violation is of the format of a date-time, which is schema/date-time's.
fn is_of_date_time(schema_violation: &SchemaViolation) -> bool {
    schema_violation.keyword == "format" && schema_violation.message.contains(DATE_TIME)
}

/// How a value breaks its schema.
fn violations(schema: &Schema, value: &Value) -> Vec<SchemaViolation> {
    // Most values break nothing, and finding out how is slower than whether.
    if schema.is_valid(value) { Vec::new() } else { schema.violations(value) }
}

/// Checks a value against its schema; each place and keyword is a variant of its own.
fn check<'h>(
    context: &mut RuleContext<'h>,
    schema: &Schema,
    value: &Value,
    evidence: Evidence<'h>,
) {
    let violations: Vec<_> =
        violations(schema, value).into_iter().filter(|it| !is_of_date_time(it)).collect();
    context.check(violations.is_empty(), || {
        let first = &violations[0];
        Violation::new(
            variant(&first.pointer, &first.keyword),
            format!("a body that fits {}", schema.id),
            violations.iter().take(5).map(ToString::to_string).collect::<Vec<_>>().join("; "),
        )
        .evidence(evidence)
    });
}

fn responses<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>, operation: Operation) {
    for call in input.history.calls_of(operation).filter(|call| call.succeeded()) {
        let Some(schema) = schema_of(call) else { continue };
        match call.response() {
            Some(body) => check(context, schema, body, call.into()),
            None if call.is_bodiless() => context.check(false, || {
                Violation::new(
                    "no body",
                    format!("a body that fits {}", schema.id),
                    "no body at all",
                )
                .evidence(call)
            }),
            // Cut at a bound.
            None => {}
        }
    }
}

fn events<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>, event: ServerEvent) {
    let schema = schemas::server_event(event);
    let mut fits = Once::of(input);
    for connection in &input.history.connections {
        for (frame, value) in connection.received(event) {
            if fits.is(&frame.body, || violations(schema, value).is_empty()) {
                context.held();
            } else {
                check(context, schema, value, (connection, frame).into());
            }
        }
    }
}

/// What a connection ends with, on which a text frame came that is none.
const NO_UTF8: &str = "UTF-8 encoding error";

fn event_type<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for connection in &input.history.connections {
        for frame in
            connection.frames.iter().filter(|frame| frame.direction == FrameDirection::Received)
        {
            let problem = match frame.json() {
                None if frame.body.payload.as_text().is_none() => Some("a binary frame".to_owned()),
                None => Some("text that is no JSON".to_owned()),
                Some(value) => schemas::server_event_of(value).err().map(|error| error.to_string()),
            };
            context.check(problem.is_none(), || {
                let problem = problem.unwrap_or_default();
                Violation::new(problem.clone(), "an event of one of the six types", problem)
                    .evidence((connection, frame))
            });
        }
        // Such a frame is none that could be recorded: it ends the connection.
        let closing = connection.closed.as_ref().filter(|it| it.by == CloseOrigin::Broken);
        if let Some(closing) = closing.filter(|it| it.reason.starts_with(NO_UTF8)) {
            context.check(false, || {
                let expected = "an event of one of the six types";
                Violation::new("text that is no UTF-8", expected, closing.reason.as_str())
                    .evidence(connection)
            });
        }
    }
}

/// What is known of each body, so that those that came many times are looked at once.
struct Once(Vec<Option<bool>>);

impl Once {
    fn of(input: RuleInput<'_>) -> Self {
        Self(vec![None; input.history.bodies.len()])
    }

    /// Whether it is so of this body, which is asked the first time only.
    fn is(&mut self, body: &Body, so: impl FnOnce() -> bool) -> bool {
        *self.0[body.number].get_or_insert_with(so)
    }
}

/// A successful response or an event, and its schema.
struct Shown<'h> {
    schema: &'static Schema,
    value: &'h Value,
    evidence: Evidence<'h>,
    /// The body of an event: others may have the same.
    body: Option<&'h Body>,
}

/// Every successful response and every event with its schema.
fn everything<'h>(input: RuleInput<'h>) -> impl Iterator<Item = Shown<'h>> {
    let in_responses =
        input.history.calls.iter().filter(|call| call.succeeded()).filter_map(|call| {
            let (schema, value) = (schema_of(call)?, call.response()?);
            Some(Shown { schema, value, evidence: call.into(), body: None })
        });
    let in_events = input.history.connections.iter().flat_map(|connection| {
        connection.frames.iter().filter_map(move |frame| {
            let (schema, value) = (schemas::server_event(frame.event?), frame.json()?);
            let evidence = (connection, frame).into();
            Some(Shown { schema, value, evidence, body: Some(&frame.body) })
        })
    });
    in_responses.chain(in_events)
}

fn date_time<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut fits = Once::of(input);
    for Shown { schema, value, evidence, body } in everything(input) {
        let find = || violations(schema, value).into_iter().find(is_of_date_time);
        if body.is_some_and(|body| fits.is(body, || find().is_none())) {
            context.held();
            continue;
        }
        let schema_violation = find();
        context.check(schema_violation.is_none(), || {
            let (place, message) = schema_violation
                .map(|schema_violation| {
                    (variant(&schema_violation.pointer, ""), schema_violation.to_string())
                })
                .unwrap_or_default();
            Violation::new(
                format!("{} {place}", schema.id),
                "a date-time as RFC 3339 has it, with a zone",
                message,
            )
            .evidence(evidence)
        });
    }
}

fn content_type<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in &input.history.calls {
        let Some(operation) = call.operation() else { continue };
        let Outcome::Response {
            status,
            content_type,
            throttled_s: None,
            body,
            json,
            truncated,
            ..
        } = &call.outcome
        else {
            continue;
        };
        // What redirects, what a failing server sends, or the proxy before it, is not the API's.
        if body.is_empty() || matches!(status, 300..400 | 500..) || *truncated {
            continue;
        }
        let declared = content_type.as_deref().unwrap_or("none");
        let is_json = declared.trim_start().to_ascii_lowercase().starts_with("application/json");
        context.check(is_json && json.is_some(), || {
            let actual = match (is_json, json) {
                (true, None) => "declared as JSON, but it does not parse".to_owned(),
                _ => format!("content type {declared}"),
            };
            Violation::new(operation.id(), "a JSON body, declared as application/json", actual)
                .evidence(call)
        });
    }
}

/// Hashes the names and types in a value, not its texts and numbers: what decides which fields it has.
fn hash_shape(value: &Value, hasher: &mut DefaultHasher) {
    std::mem::discriminant(value).hash(hasher);
    match value {
        Value::Object(members) => {
            members.len().hash(hasher);
            for (name, member) in members {
                name.hash(hasher);
                hash_shape(member, hasher);
            }
        }
        Value::Array(items) => {
            items.len().hash(hasher);
            items.iter().for_each(|item| hash_shape(item, hasher));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn undocumented_fields<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    // Most values look like one before.
    let mut clean_shapes = AHashSet::new();
    let mut find = |schema: &'static Schema, value: &Value| {
        let mut hasher = DefaultHasher::new();
        schema.id.hash(&mut hasher);
        hash_shape(value, &mut hasher);
        let shape = hasher.finish();
        if clean_shapes.contains(&shape) {
            return Vec::new();
        }
        let fields = schemas::undocumented_fields(schema, value);
        if fields.is_empty() {
            clean_shapes.insert(shape);
        }
        fields
    };
    let mut clean = Once::of(input);
    for Shown { schema, value, evidence, body } in everything(input) {
        if body.is_some_and(|body| clean.is(body, || find(schema, value).is_empty())) {
            context.held();
            continue;
        }
        let fields = find(schema, value);
        if fields.is_empty() {
            context.held();
        }
        for field in &fields {
            context.check(false, || {
                Violation::new(
                    format!("{} {field}", schema.id),
                    "documented fields only",
                    format!("`{field}` as well"),
                )
                .evidence(evidence)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{assert_states, verdict_of};
    use crate::verdict::State;

    /// A clean response of each operation, and a member whose absence breaks its schema.
    const RESPONSE_CASES: &[(&str, &str, &str)] = &[
        ("token.obtain", "@token_pair", "refresh"),
        ("rooms.list", "@page_of_rooms", "count"),
        ("rooms.create", "@room", "participants"),
        ("rooms.get", "@room", "display_name"),
        ("rooms.mark_read", r#"{"message": "Room marked as read"}"#, "message"),
        ("rooms.leave", r#"{"message": "Successfully left the room"}"#, "message"),
        ("rooms.archive", "@room", "archived_at"),
        ("rooms.stats", "@room_stats", "message_count"),
        ("messages.list", "@page_of_messages", "next"),
        ("messages.send", "@message", "read_by"),
        ("messages.get", "@message", "sender"),
        ("messages.edit", "@message", "edited_at"),
        ("messages.search", "@page_of_messages", "results"),
        ("participants.list", "@page_of_messages {\"results\": []}", "count"),
    ];

    #[test]
    fn a_missing_member_breaks_the_operation_s_own_requirement_only() {
        assert_eq!(RESPONSE_CASES.len(), RESPONSES.len());
        for (operation, body, member) in RESPONSE_CASES {
            let requirement = format!("schema/{operation}");
            let parameter = operation.parse::<Operation>().unwrap().spec().path_parameters().next();
            let subject = parameter.map_or("", |_| "$x");
            let status = operation.parse::<Operation>().unwrap().spec().success[0];
            let clean = format!("alice {operation} {subject} => {status} {body}");
            assert_eq!(verdict_of(&requirement, &clean).state, State::Held, "{clean}");

            let mut value: Value = match body.strip_prefix('@') {
                Some(name) => {
                    let name = name.split(' ').next().unwrap();
                    hearback_contract::examples::fixture(name).unwrap().clone()
                }
                None => serde_json::from_str(body).unwrap(),
            };
            value.as_object_mut().unwrap().remove(*member);
            let broken = format!("alice {operation} {subject} => {status} {value}");
            let verdict = verdict_of(&requirement, &broken);
            assert_eq!(verdict.state, State::Broken, "{broken}");
            assert!(verdict.findings[0].actual.contains(member), "{verdict:?}");

            let bodiless = format!("alice {operation} {subject} => {status}");
            assert_eq!(verdict_of(&requirement, &bodiless).state, State::Broken, "{bodiless}");
        }
    }

    #[test]
    fn an_event_without_a_member_breaks_its_own_requirement() {
        assert_eq!(EVENTS.len(), ServerEvent::ALL.len());
        for (event, name, member) in [
            ("connection_established", "connection_established", "username"),
            ("chat_message", "chat_message", "message"),
            ("typing", "typing", "is_typing"),
            ("read_receipt", "read_receipt", "read_at"),
            ("room_marked_read", "room_marked_read", "room_id"),
            ("error", "error_event", "message"),
        ] {
            let requirement = format!("schema/socket.{event}");
            let history =
                |overrides: &str| format!("bob@r1 mute-open\nbob@r1 <- @{name} {overrides}");
            assert_eq!(verdict_of(&requirement, &history("{}")).state, State::Held);
            let broken = history(&format!("{{\"{member}\": \"$absent\"}}"));
            assert_eq!(verdict_of(&requirement, &broken).state, State::Broken, "{broken}");
        }
    }

    #[test]
    fn what_concerns_all_is_found_wherever_it_is() {
        assert_states(&[
            ("schema/event-type", State::Broken, "bob@r1 mute-open\nbob@r1 <- raw pong"),
            (
                "schema/event-type",
                State::Broken,
                "bob@r1 mute-open\nbob@r1 <- {\"type\": \"ping\"}",
            ),
            ("schema/event-type", State::Broken, "bob@r1 mute-open\nbob@r1 <- binary x"),
            (
                "schema/event-type",
                State::Broken,
                "bob@r1 open\nbob@r1 break UTF-8 encoding error: invalid utf-8 sequence",
            ),
            ("schema/event-type", State::Held, "bob@r1 open\nbob@r1 break connection reset"),
            ("schema/event-type", State::Held, "bob@r1 open"),
            (
                "schema/date-time",
                State::Broken,
                r#"alice messages.get $m1 => 200 @message {"created_at": "2025-10-19T14:30:00"}"#,
            ),
            (
                "schema/messages.get",
                State::Held,
                r#"alice messages.get $m1 => 200 @message {"created_at": "2025-10-19T14:30:00"}"#,
            ),
            ("schema/date-time", State::Held, "alice messages.get $m1 => 200 @message"),
            ("schema/content-type", State::Broken, "alice rooms.get $r1 => 404 <html>"),
            ("schema/content-type", State::Held, "alice rooms.get $r1 => 404 @error"),
            ("schema/content-type", State::NotExercised, "alice messages.delete $m1 => 204"),
            (
                "schema/undocumented-fields",
                State::Broken,
                r#"alice messages.get $m1 => 200 @message {"extra": 1}"#,
            ),
            ("schema/undocumented-fields", State::Held, "alice messages.get $m1 => 200 @message"),
        ]);
    }

    #[test]
    fn the_same_defect_of_many_items_is_one_finding() {
        let verdict = verdict_of(
            "schema/messages.list",
            r#"alice messages.list => 200 @page_of_messages {"results": [@message {"is_edited": 1}]}
               alice messages.list => 200 @page_of_messages {"results": [@message, @message {"is_edited": 1}]}"#,
        );
        assert_eq!(verdict.findings.len(), 1, "{verdict:#?}");
        assert_eq!(verdict.findings[0].count, 2);
    }
}
