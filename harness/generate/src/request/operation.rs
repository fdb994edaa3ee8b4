//! The operations with a JSON body, and the actions that surround a generated body.

use hearback_contract::Operation::{
    self, MessagesEdit, MessagesGet, MessagesSend, ParticipantsAdd, ParticipantsList,
    ParticipantsMute, RoomsCreate, RoomsGet, RoomsList, TokenRefresh,
};
use hearback_contract::RequirementId;
use hearback_scenarios::Action;
use hearback_scenarios::step::Call;
use serde_json::{Value, json};

use super::actions::{get, list};
use crate::schema::Hints;

/// An operation that takes a JSON body.
pub(super) struct BodyOperation {
    pub(super) operation: Operation,
    /// The id in the path.
    pub(super) at: Option<&'static str>,
    pub(super) hints: Hints,
    /// Selects the alternatives of the schema, by index, whose valid bodies can be sent repeatedly.
    pub(super) repeatable: fn(usize) -> bool,
    /// The actions before each valid body.
    pub(super) prepare: fn() -> Vec<Action>,
    /// The reads after each valid body.
    pub(super) inspect: fn() -> Vec<Action>,
    /// The reads between invalid bodies, which must not change anything.
    pub(super) snapshot: fn() -> Vec<Action>,
    /// The actor that sends read-only fields, and its id in the path if it differs from `at`.
    pub(super) mass_assigner: (&'static str, Option<&'static str>),
    /// Fields that only the server sets, with values as JSON that a client could gain from.
    pub(super) read_only_fields: &'static [(&'static str, &'static str)],
    /// The requirements that valid bodies cover.
    pub(super) valid: &'static [RequirementId],
    /// The requirements that bodies with read-only fields cover.
    pub(super) mass_assignment: &'static [RequirementId],
}

const NO_HINTS: Hints = Hints { placeholders: &[], prefixes: &[], recommended: &[] };

/// Every operation with a JSON body except token.obtain, whose rejections count as failed logins.
pub(super) static BODY_OPERATIONS: &[BodyOperation] = &[
    BodyOperation {
        hints: Hints {
            placeholders: &[("/room", &["{room.id}"]), ("/reply_to", &["{first.id}"])],
            ..NO_HINTS
        },
        snapshot: snapshot_messages,
        read_only_fields: &[
            ("sender", r#""{bob.id}""#),
            ("sender", r#"{"id": "{bob.id}"}"#),
            ("id", r#""{unknown.uuid}""#),
            ("is_deleted", "true"),
            ("is_edited", "true"),
            ("created_at", r#""2001-01-01T00:00:00Z""#),
            ("edited_at", r#""2001-01-01T00:00:00Z""#),
            ("deleted_at", r#""2001-01-01T00:00:00Z""#),
            ("read_by", r#"{"{bob.id}": "2001-01-01T00:00:00Z"}"#),
        ],
        valid: &[
            RequirementId::MessageSend,
            RequirementId::MessageLargeContent,
            RequirementId::MessageContentIntact,
            RequirementId::MessageTypeAsSent,
            RequirementId::MessageReply,
            RequirementId::MessageNoReply,
            RequirementId::StatusNoServerError,
        ],
        mass_assignment: &[RequirementId::MessageSendIgnoresOtherFields],
        ..BodyOperation::of(MessagesSend)
    },
    BodyOperation {
        at: Some("{first.id}"),
        inspect: || vec![get("bob", MessagesGet, "{first.id}")],
        snapshot: snapshot_messages,
        read_only_fields: &[
            ("sender", r#""{bob.id}""#),
            ("room", r#""{other.id}""#),
            ("id", r#""{unknown.uuid}""#),
            ("is_deleted", "true"),
            ("created_at", r#""2001-01-01T00:00:00Z""#),
            ("read_by", r#"{"{bob.id}": "2001-01-01T00:00:00Z"}"#),
        ],
        valid: &[
            RequirementId::InputValidAccepted,
            RequirementId::MessageEditContent,
            RequirementId::MessageContentIntact,
            RequirementId::StatusNoServerError,
        ],
        mass_assignment: &[RequirementId::MessageEditIgnoresOtherFields],
        ..BodyOperation::of(MessagesEdit)
    },
    BodyOperation {
        hints: Hints {
            placeholders: &[
                ("/room_type", &["group"]),
                ("/task", &[]),
                ("/property", &[]),
                ("/participant_ids/*", &["{bob.id}", "{carol.id}"]),
            ],
            prefixes: &[("/name", "hearback {run} ")],
            // Some servers require a name for groups (ambiguity `group-name`).
            recommended: &["/name"],
        },
        read_only_fields: &[
            ("id", r#""{unknown.uuid}""#),
            ("created_by", r#""{bob.id}""#),
            ("created_by", r#"{"id": "{bob.id}"}"#),
            ("is_active", "false"),
            ("archived_at", r#""2001-01-01T00:00:00Z""#),
            ("created_at", r#""2001-01-01T00:00:00Z""#),
            ("unread_count", "77"),
            ("participant_count", "77"),
        ],
        mass_assignment: &[RequirementId::RoomCreateIgnoresOtherFields],
        // Direct rooms may have existed before the run, and cannot be archived then.
        repeatable: |alternative| alternative == 1,
        snapshot: || vec![get("alice", RoomsGet, "{room.id}"), search_rooms()],
        valid: &[RequirementId::RoomCreateGroup, RequirementId::StatusNoServerError],
        ..BodyOperation::of(RoomsCreate)
    },
    BodyOperation {
        hints: Hints {
            placeholders: &[("/room", &["{fresh.id}"]), ("/user", &["{carol.id}"])],
            ..NO_HINTS
        },
        prepare: || vec![fresh_room()],
        inspect: || vec![list_participants("{fresh.id}")],
        snapshot: || vec![list_participants("{room.id}"), list_participants("{fresh.id}")],
        read_only_fields: &[
            ("id", "2147480000"),
            ("joined_at", r#""2001-01-01T00:00:00Z""#),
            ("left_at", r#""2001-01-01T00:00:00Z""#),
            ("last_read_at", r#""2001-01-01T00:00:00Z""#),
            ("unread_count", "77"),
            ("is_muted", "true"),
        ],
        mass_assignment: &[RequirementId::ParticipantAddIgnoresOtherFields],
        valid: &[
            RequirementId::ParticipantAdd,
            RequirementId::ParticipantAddAsAdmin,
            RequirementId::StatusNoServerError,
        ],
        ..BodyOperation::of(ParticipantsAdd)
    },
    BodyOperation {
        at: Some("{room.participants.0.id}"),
        inspect: || vec![get("alice", RoomsGet, "{room.id}")],
        snapshot: || vec![get("alice", RoomsGet, "{room.id}"), list_participants("{room.id}")],
        // Bob is not an admin, so that setting `is_admin` would be a privilege escalation.
        mass_assigner: ("bob", Some("{room.participants.1.id}")),
        read_only_fields: &[
            ("is_admin", "true"),
            ("user", r#""{carol.id}""#),
            ("id", "2147480000"),
            ("joined_at", r#""2001-01-01T00:00:00Z""#),
            ("left_at", r#""2001-01-01T00:00:00Z""#),
            ("last_read_at", r#""2001-01-01T00:00:00Z""#),
            ("unread_count", "77"),
        ],
        mass_assignment: &[RequirementId::ParticipantMuteIgnoresOtherFields],
        valid: &[
            RequirementId::InputValidAccepted,
            RequirementId::ParticipantMute,
            RequirementId::ParticipantUnmute,
            RequirementId::StatusNoServerError,
        ],
        ..BodyOperation::of(ParticipantsMute)
    },
    // Valid refresh tokens are secrets of the actors, which send them in other scenarios.
    BodyOperation { repeatable: |_| false, ..BodyOperation::of(TokenRefresh) },
];

impl BodyOperation {
    const fn of(operation: Operation) -> Self {
        Self {
            operation,
            at: None,
            hints: NO_HINTS,
            mass_assigner: ("alice", None),
            repeatable: |_| true,
            prepare: Vec::new,
            inspect: Vec::new,
            snapshot: Vec::new,
            read_only_fields: &[],
            valid: &[],
            mass_assignment: &[],
        }
    }

    /// The call without a body.
    pub(super) fn call(&self) -> Call {
        Call { at: self.at.map(str::to_owned), ..Call::new("alice", self.operation) }
    }

    /// The call with a JSON body.
    pub(super) fn with(&self, body: Value) -> Action {
        Action::Call(Call { body: Some(body), ..self.call() })
    }
}

fn snapshot_messages() -> Vec<Action> {
    vec![list("bob"), get("bob", RoomsGet, "{room.id}")]
}

fn fresh_room() -> Action {
    let body = json!({
        "room_type": "group",
        "name": "hearback {run} fresh {unique}",
        "participant_ids": ["{bob.id}"],
    });
    Action::Call(Call {
        body: Some(body),
        save: Some("fresh".to_owned()),
        ..Call::new("alice", RoomsCreate)
    })
}

fn list_participants(room: &str) -> Action {
    Action::Call(Call {
        query: vec![("room".to_owned(), json!(room))],
        ..Call::new("alice", ParticipantsList)
    })
}

/// Lists the rooms of the run by their name, at most one page.
fn search_rooms() -> Action {
    Action::Call(Call {
        query: vec![("search".to_owned(), json!("hearback {run}"))],
        ..Call::new("alice", RoomsList)
    })
}

#[cfg(test)]
mod tests {
    use hearback_contract::RequestBody;

    use super::*;

    #[test]
    fn every_operation_with_a_body_is_covered_except_token_obtain() {
        let with_body = Operation::all().filter(|it| it.spec().body != RequestBody::None);
        let missing =
            with_body.filter(|it| !BODY_OPERATIONS.iter().any(|row| row.operation == *it));
        assert!(missing.eq([Operation::TokenObtain]));
    }

    #[test]
    fn every_path_parameter_has_a_value() {
        for row in BODY_OPERATIONS {
            let takes_id = row.operation.spec().path_parameters().next().is_some();
            assert_eq!(row.at.is_some(), takes_id, "{}", row.operation);
        }
    }
}
