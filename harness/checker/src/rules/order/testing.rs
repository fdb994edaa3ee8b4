//! Rooms with sockets, lists and messages, in the history DSL.

/// A room of alice, bob and carol with a socket of each and three concurrent messages, then
/// `lines`.
pub(super) fn room(lines: &[String]) -> String {
    let sends: Vec<_> = ["m1", "m2", "m3"]
        .iter()
        .map(|id| {
            format!(
                r#"[10..20] alice messages.send {{"room": "$r1", "content": "{id}"}} => 201 @message {{"id": "${id}"}}"#
            )
        })
        .collect();
    format!(
        r#"
        [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2, 3]}} => 201 @room {{"id": "$r1"}}
        [3..3] alice@r1 open
        [3..3] bob@r1 open
        [3..3] carol@r1 open
        {}
        {}
        "#,
        sends.join("\n"),
        lines.join("\n")
    )
}

/// The frames in which a socket receives messages.
pub(super) fn stream(who: &str, ids: &[&str]) -> String {
    let frames: Vec<_> = ids
        .iter()
        .map(|id| {
            format!(
                r#"{who}@r1 <- @chat_message {{"message": {{"id": "${id}", "room_id": "$r1", "content": "{id}"}}}}"#
            )
        })
        .collect();
    frames.join("\n")
}

/// A page of messages, each with the second in which it was created.
pub(super) fn list(query: &str, items: &[(&str, u32)]) -> String {
    let items: Vec<_> = items
        .iter()
        .map(|(id, second)| {
            format!(
                r#"@message {{"id": "${id}", "room": "$r1", "created_at": "2026-01-01T00:00:0{second}Z"}}"#
            )
        })
        .collect();
    format!(r#"bob messages.list ?room=$r1{query} => 200 {{"results": [{}]}}"#, items.join(", "))
}

/// A room of three with `sends`, in which a socket of bob receives messages in the order
/// `received`.
pub(super) fn history(sends: &[&str], received: &[&str]) -> String {
    let frames: Vec<_> = received
        .iter()
        .map(|id| {
            format!(
                r#"[900..900] bob@r1 <- @chat_message {{"message": {{"id": "${id}", "room_id": "$r1", "content": "{id}"}}}}"#
            )
        })
        .collect();
    format!(
        r#"
        [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2, 3]}} => 201 @room {{"id": "$r1"}}
        [3..3] bob@r1 open
        [4..4] alice@r1 open
        {}
        {}
        "#,
        sends.join("\n"),
        frames.join("\n")
    )
}

/// A message sent by REST.
pub(super) fn rest(at: &str, who: &str, id: &str) -> String {
    format!(
        r#"{at} {who} messages.send {{"room": "$r1", "content": "{id}"}} => 201 @message {{"id": "${id}"}}"#
    )
}

/// A message sent by socket.
pub(super) fn socket(at: u64, id: &str) -> String {
    format!(r#"[{at}..{at}] alice@r1 -> {{"type": "chat_message", "message": "{id}"}}"#)
}
