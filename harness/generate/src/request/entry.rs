//! Operations that take a JSON body, and what a generated one needs around it.

use hearback_contract::Operation::{
    self, MessagesEdit, MessagesGet, MessagesSend, ParticipantsAdd, ParticipantsList,
    ParticipantsMute, RoomsCreate, RoomsGet, RoomsList, TokenRefresh,
};
use hearback_contract::RequirementId;
use hearback_scenarios::Action;
use hearback_scenarios::step::Call;
use serde_json::{Value, json};

use super::scenario::{call, list, look, message};
use crate::shape::Live;

/// An operation that takes a JSON body.
pub(super) struct Entry {
    pub(super) operation: Operation,
    /// The id in the path.
    pub(super) at: Option<&'static str>,
    pub(super) live: Live,
    /// Which branches of the schema have valid bodies that can be sent as often as one likes.
    pub(super) repeatable: fn(usize) -> bool,
    /// What is done before each valid body.
    pub(super) prepare: fn() -> Vec<Action>,
    /// What is looked at after each valid body.
    pub(super) inspect: fn() -> Vec<Action>,
    /// What is looked at before the first invalid body and after the last one: it must not have changed.
    pub(super) survey: fn() -> Vec<Action>,
    /// Who adds fields that are the server's to set, and with which id in the path, if another one.
    pub(super) smuggler: (&'static str, Option<&'static str>),
    /// Fields that are the server's to set, with values that somebody might like them to have.
    pub(super) surplus: &'static [(&'static str, &'static str)],
    /// What valid bodies speak to.
    pub(super) valid: &'static [RequirementId],
    /// What bodies with surplus fields speak to.
    pub(super) smuggled: &'static [RequirementId],
}

const NOTHING_LIVE: Live = Live { placeholders: &[], prefixes: &[], advisable: &[] };

/// Every operation that takes a JSON body, but token.obtain: what is wrong with credentials counts as a
/// failed login.
pub(super) static ENTRIES: &[Entry] = &[
    Entry {
        live: Live {
            placeholders: &[("/room", &["{room.id}"]), ("/reply_to", &["{first.id}"])],
            ..NOTHING_LIVE
        },
        survey: survey_messages,
        surplus: &[
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
        smuggled: &[RequirementId::MessageSendIgnoresOtherFields],
        ..Entry::of(MessagesSend)
    },
    Entry {
        at: Some("{first.id}"),
        inspect: || vec![look("bob", MessagesGet, "{first.id}")],
        survey: survey_messages,
        surplus: &[
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
        smuggled: &[RequirementId::MessageEditIgnoresOtherFields],
        ..Entry::of(MessagesEdit)
    },
    Entry {
        live: Live {
            placeholders: &[
                ("/room_type", &["group"]),
                ("/task", &[]),
                ("/property", &[]),
                ("/participant_ids/*", &["{bob.id}", "{carol.id}"]),
            ],
            prefixes: &[("/name", "hearback {run} ")],
            // Some servers want groups to have a name (group-name).
            advisable: &["/name"],
        },
        surplus: &[
            ("id", r#""{unknown.uuid}""#),
            ("created_by", r#""{bob.id}""#),
            ("created_by", r#"{"id": "{bob.id}"}"#),
            ("is_active", "false"),
            ("archived_at", r#""2001-01-01T00:00:00Z""#),
            ("created_at", r#""2001-01-01T00:00:00Z""#),
            ("unread_count", "77"),
            ("participant_count", "77"),
        ],
        smuggled: &[RequirementId::RoomCreateIgnoresOtherFields],
        // Direct rooms may be there before, and would stay.
        repeatable: |branch| branch == 1,
        survey: || vec![look("alice", RoomsGet, "{room.id}"), search_rooms()],
        valid: &[RequirementId::RoomCreateGroup, RequirementId::StatusNoServerError],
        ..Entry::of(RoomsCreate)
    },
    Entry {
        live: Live {
            placeholders: &[("/room", &["{fresh.id}"]), ("/user", &["{carol.id}"])],
            ..NOTHING_LIVE
        },
        prepare: || vec![fresh_room()],
        inspect: || vec![list_participants("{fresh.id}")],
        survey: || vec![list_participants("{room.id}"), list_participants("{fresh.id}")],
        surplus: &[
            ("id", "2147480000"),
            ("joined_at", r#""2001-01-01T00:00:00Z""#),
            ("left_at", r#""2001-01-01T00:00:00Z""#),
            ("last_read_at", r#""2001-01-01T00:00:00Z""#),
            ("unread_count", "77"),
            ("is_muted", "true"),
        ],
        smuggled: &[RequirementId::ParticipantAddIgnoresOtherFields],
        valid: &[
            RequirementId::ParticipantAdd,
            RequirementId::ParticipantAddAsAdmin,
            RequirementId::StatusNoServerError,
        ],
        ..Entry::of(ParticipantsAdd)
    },
    Entry {
        at: Some("{room.participants.0.id}"),
        inspect: || vec![look("alice", RoomsGet, "{room.id}")],
        survey: || vec![look("alice", RoomsGet, "{room.id}"), list_participants("{room.id}")],
        // Bob, who is no admin and would like to be one.
        smuggler: ("bob", Some("{room.participants.1.id}")),
        surplus: &[
            ("is_admin", "true"),
            ("user", r#""{carol.id}""#),
            ("id", "2147480000"),
            ("joined_at", r#""2001-01-01T00:00:00Z""#),
            ("left_at", r#""2001-01-01T00:00:00Z""#),
            ("last_read_at", r#""2001-01-01T00:00:00Z""#),
            ("unread_count", "77"),
        ],
        smuggled: &[RequirementId::ParticipantMuteIgnoresOtherFields],
        valid: &[
            RequirementId::InputValidAccepted,
            RequirementId::ParticipantMute,
            RequirementId::ParticipantUnmute,
            RequirementId::StatusNoServerError,
        ],
        ..Entry::of(ParticipantsMute)
    },
    // A refresh token is a secret: valid ones are shown by who has them.
    Entry { repeatable: |_| false, ..Entry::of(TokenRefresh) },
];

impl Entry {
    const fn of(operation: Operation) -> Self {
        Self {
            operation,
            at: None,
            live: NOTHING_LIVE,
            smuggler: ("alice", None),
            repeatable: |_| true,
            prepare: Vec::new,
            inspect: Vec::new,
            survey: Vec::new,
            surplus: &[],
            valid: &[],
            smuggled: &[],
        }
    }

    /// The call, without a body.
    pub(super) fn call(&self) -> Call {
        Call { at: self.at.map(str::to_owned), ..call("alice", self.operation) }
    }

    /// The call with a JSON body.
    pub(super) fn with(&self, body: Value) -> Action {
        Action::Call(Call { body: Some(body), ..self.call() })
    }
}

/// What every case can refer to: a message, and another room with a message.
pub(super) fn scene() -> Vec<Action> {
    let other = json!({
        "room_type": "group",
        "name": "hearback {run} other",
        "participant_ids": ["{carol.id}"],
    });
    vec![
        message("first"),
        Action::Call(Call {
            body: Some(other),
            save: Some("other".to_owned()),
            ..call("alice", RoomsCreate)
        }),
        Action::Call(Call {
            body: Some(json!({ "room": "{other.id}", "content": "elsewhere {unique}" })),
            save: Some("elsewhere".to_owned()),
            ..call("alice", MessagesSend)
        }),
    ]
}

fn survey_messages() -> Vec<Action> {
    vec![list("bob"), look("bob", RoomsGet, "{room.id}")]
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
        ..call("alice", RoomsCreate)
    })
}

fn list_participants(room: &str) -> Action {
    Action::Call(Call {
        query: vec![("room".to_owned(), json!(room))],
        ..call("alice", ParticipantsList)
    })
}

/// Rooms that carry the name of the run; there is one page of them at most.
fn search_rooms() -> Action {
    Action::Call(Call {
        query: vec![("search".to_owned(), json!("hearback {run}"))],
        ..call("alice", RoomsList)
    })
}

#[cfg(test)]
mod tests {
    use hearback_contract::RequestBody;

    use super::*;

    #[test]
    fn every_operation_with_a_body_has_an_entry_but_the_one_with_passwords() {
        let with_body = Operation::all().filter(|it| it.spec().body != RequestBody::None);
        let missing = with_body.filter(|it| !ENTRIES.iter().any(|entry| entry.operation == *it));
        assert!(missing.eq([Operation::TokenObtain]));
    }

    #[test]
    fn every_id_in_a_path_is_given() {
        for entry in ENTRIES {
            let takes_id = entry.operation.spec().path_parameters().next().is_some();
            assert_eq!(entry.at.is_some(), takes_id, "{}", entry.operation);
        }
    }
}
