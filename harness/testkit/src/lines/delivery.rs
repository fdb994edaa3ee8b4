//! A group with messages, and what a member sees of them.

/// Alice creates a group with bob, who opens a socket.
pub const GROUP: &str = r#"
    alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1", "last_message": null}
    bob@r1 open
"#;

/// Alice sends the message `m1` with the content `a`.
pub const SENT: &str = r#"alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1", "content": "a"}"#;

/// [`GROUP`] and further lines.
pub fn in_group(lines: &[&str]) -> String {
    format!("{GROUP}\n{}", lines.join("\n"))
}

/// Bob lists messages, given by id and content; `fields` are appended to each.
pub fn list(messages: &[(&str, &str)], fields: &str) -> String {
    let items: Vec<_> = messages
        .iter()
        .map(|(id, content)| {
            format!(r#"@message {{"id": "${id}", "room": "$r1", "content": "{content}"{fields}}}"#)
        })
        .collect();
    format!(r#"bob messages.list ?room=$r1 => 200 {{"results": [{}]}}"#, items.join(", "))
}

/// Bob's socket receives a message.
pub fn received(id: &str, content: &str) -> String {
    format!(
        r#"bob@r1 <- @chat_message {{"message": {{"id": "${id}", "room_id": "$r1", "content": "{content}"}}}}"#
    )
}
