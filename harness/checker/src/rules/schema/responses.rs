//! Responses conform to the schema of their operation; one requirement for each operation.
//!
//! Only successful responses count, because rejections have a schema of their own
//! (status/error-body). A success without a body violates the schema; a body that hearback cut at
//! its size limit is left out. Date-times belong to schema/date-time and JSON itself to
//! schema/content-type.

use hearback_contract::{Operation, RequirementId};

use super::conformance::check_schema;
use super::documents::schema_of;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

/// One rule for each operation.
macro_rules! rules {
    ($($requirement:ident => $operation:ident),* $(,)?) => {
        &[$(Rule {
            requirement: RequirementId::$requirement,
            check: |input, context| check(input, context, Operation::$operation),
        }),*]
    };
}

pub(in crate::rules) static RULES: &[Rule] = rules! {
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

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>, operation: Operation) {
    for call in input.history.calls_of(operation).filter(|call| call.succeeded()) {
        let Some(schema) = schema_of(call) else { continue };
        match call.response() {
            Some(body) => check_schema(context, schema, body, call.into()),
            None if call.is_bodiless() => context.check(false, || {
                Violation::new(
                    "no body",
                    format!("a body that fits {}", schema.id),
                    "no body at all",
                )
                .evidence(call)
            }),
            // The body was cut at the size limit.
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::rules::testing::verdict_of;
    use crate::verdict::State;

    /// A conforming response of each operation, and a required member.
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
        assert_eq!(RESPONSE_CASES.len(), RULES.len());
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
    fn a_token_that_counts_as_created_has_the_same_schema() {
        let created = verdict_of("schema/token.obtain", "alice token.obtain => 201 @token_pair");
        assert_eq!(created.state, State::Held, "{created:?}");
        let broken =
            verdict_of("schema/token.obtain", r#"alice token.obtain => 201 {"access": 1}"#);
        assert_eq!(broken.state, State::Broken, "{broken:?}");
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
