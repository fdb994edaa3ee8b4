//! Messages: their types, replies and edits.

use hearback_contract::{AmbiguityId, MessageRef, Operation, ReadingId, ServerEvent};
use hearback_history::Call;
use serde_json::Value;

use super::observation::ReadingObservations;
use super::observer::{Observer, row};
use super::status::plain_calls;
use crate::rule::RuleInput;
use crate::rules::text::is_ordinary;

pub(super) const ROWS: &[Observer] = &[
    row(AmbiguityId::ClientMessageType, client_message_type),
    row(AmbiguityId::ReplyToOtherRoom, reply_to_other_room),
    row(AmbiguityId::EditsOverSocket, edits_over_socket),
];

/// Most edits, and sockets of one room, that are looked at, so that long histories cost little.
const MAX_EDITS: usize = 200;
const MAX_SOCKETS: usize = 4;

/// Requests by members to send an ordinary text with these other fields.
fn ordinary_sends<'h>(
    input: RuleInput<'h>,
    documented: &'static [&'static str],
) -> impl Iterator<Item = &'h Call> {
    plain_calls(input, Operation::MessagesSend, documented).filter(|call| {
        let content = call.request.as_ref().and_then(|body| body.get("content"));
        content.and_then(Value::as_str).is_some_and(|text| is_ordinary(text) && text.len() < 1000)
    })
}

fn client_message_type(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let sent = |types: &'static [&'static str]| {
        ordinary_sends(input, &["room", "content", "message_type"]).find_map(|call| {
            let requested = call.request.as_ref()?.get("message_type")?.as_str()?;
            let status = call.status()?;
            types.contains(&requested).then_some((call, status))
        })
    };
    let system = sent(&["system"]);
    let file = sent(&["image", "file"]);
    let reading = match (system.map(|it| it.1), file.map(|it| it.1)) {
        (_, Some(400)) => ReadingId::ClientMessageTypeRefused,
        (Some(400), Some(201)) => ReadingId::ClientMessageTypeSystemRefused,
        (Some(201), _) => ReadingId::ClientMessageTypeAccepted,
        _ => return,
    };
    if let Some((call, _)) = file.or(system) {
        observations.takes(reading, call);
    }
}

fn reply_to_other_room(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let calls = ordinary_sends(input, &["room", "content", "message_type", "reply_to"]);
    let foreign = calls.filter(|call| {
        let target = || {
            let id = call.request.as_ref()?.get("reply_to").and_then(MessageRef::from_json)?;
            input.model.message(id)
        };
        target().is_some_and(|message| {
            message.sent.precedes(call.interval())
                && call.room_in_request().is_some_and(|room| room.as_str() != message.room.as_str())
        })
    });
    observations.take_by_status(
        foreign,
        &[(400, ReadingId::ReplyToOtherRoom400), (404, ReadingId::ReplyToOtherRoom404)],
    );
}

fn edits_over_socket(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let edits = input.history.calls_of(Operation::MessagesEdit).filter(|call| call.succeeded());
    for call in edits.take(MAX_EDITS) {
        let message = call.message_in_path().and_then(|id| input.model.message(id));
        let Some(message) = message else { continue };
        for listener in input.model.sockets.in_room(&message.room).take(MAX_SOCKETS) {
            if listener.established >= call.invoked {
                continue;
            }
            let repeated = listener.received(ServerEvent::ChatMessage).find(|(frame, event)| {
                let shown = event.get("message");
                let id = shown.and_then(|it| it.get("id")).and_then(MessageRef::from_json);
                let is_edited = shown.and_then(|it| it.get("is_edited"));
                frame.at >= call.invoked
                    && id.is_some_and(|id| id.as_str() == message.id.as_str())
                    && is_edited == Some(&Value::Bool(true))
            });
            if let Some((frame, _)) = repeated {
                observations
                    .takes(ReadingId::EditsOverSocketRepeated, (listener.connection, frame));
            } else if listener.received_newer_than(call.interval().returned) {
                observations.takes(ReadingId::EditsOverSocketNoEvent, call);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::readings::testing::observed;

    const ROOM: &str = r#"
        [1..2] alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
        [3..4] alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1"}
    "#;

    #[test]
    fn two_requests_show_which_message_types_are_accepted() {
        let of = |system: &str, file: &str| {
            let lines = format!(
                r#"{ROOM}
                alice messages.send {{"room": "$r1", "content": "b", "message_type": "system"}} => {system}
                alice messages.send {{"room": "$r1", "content": "c", "message_type": "file"}} => {file}"#
            );
            observed("client-message-type", &lines)
        };
        let (sent, bad) = (r#"201 @message {"id": "$m2", "room": "$r1"}"#, "400 @error");
        assert_eq!(of(bad, sent), ["system-refused"]);
        assert_eq!(of(sent, sent), ["accepted"]);
        assert_eq!(of(bad, bad), ["refused"]);
        assert!(of("403 @error", "403 @error").is_empty());
    }

    #[test]
    fn replies_to_other_rooms_are_told_apart_by_status() {
        let of = |room: &str, status: u16| {
            let lines = format!(
                r#"{ROOM}
                [5..6] alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r2"}}
                alice messages.send {{"room": "${room}", "content": "b", "reply_to": "$m1"}} => {status} @error"#
            );
            observed("reply-to-other-room", &lines)
        };
        assert_eq!(of("r2", 400), ["400"]);
        assert_eq!(of("r2", 404), ["404"]);
        assert!(of("r1", 404).is_empty());
    }
}
