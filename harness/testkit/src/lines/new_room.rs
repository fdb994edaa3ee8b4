//! A group of alice and bob, as the response to its creation shows it.

/// Alice as an admin, and bob.
pub const BOTH: &str =
    r#"[@participant {"user": {"id": 1}}, @participant {"user": {"id": 2}, "is_admin": false}]"#;

/// Alice, and bob as an admin.
pub const REVERSED: &str =
    r#"[@participant {"user": {"id": 1}, "is_admin": false}, @participant {"user": {"id": 2}}]"#;

/// Bob without alice.
pub const WITHOUT_CREATOR: &str = r#"[@participant {"user": {"id": 2}, "is_admin": false}]"#;

/// Alice creates the group; the response has these fields.
pub fn created(fields: &str) -> String {
    format!(
        r#"alice rooms.create {{"room_type": "group", "name": "x", "participant_ids": [2]}} => 201 @room {{"id": "$r1", "room_type": "group", {fields}}}"#
    )
}

/// Alice creates the group; the response has these participants.
pub fn with_participants(participants: &str) -> String {
    created(&format!(r#""participants": {participants}"#))
}
