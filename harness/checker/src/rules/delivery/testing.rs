//! Rooms with sockets and the frames that they receive, in the history DSL.

/// Rooms `r1` and `r2` of alice and bob, with a socket of each to `r1`.
const ROOMS: &str = r#"
    [1..2] alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
    [3..4] alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r2"}
    [5..5] alice@r1 open
    [6..6] bob@r1 open
"#;

/// A frame in which a socket to `r1` receives a message.
pub(super) fn received(who: &str, id: &str, text: &str, fields: &str) -> String {
    format!(
        r#"{who}@r1 <- @chat_message {{"message": {{"id": "${id}", "room_id": "$r1", "content": "{text}"{fields}}}}}"#
    )
}

/// [`ROOMS`] and further lines.
pub(super) fn lines(lines: &[&str]) -> String {
    format!("{ROOMS}\n{}", lines.join("\n"))
}
