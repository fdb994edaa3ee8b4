//! Shapes of responses and events.

use hearback_contract::{AmbiguityId, Operation, ReadingId, ServerEvent};
use serde_json::Value;

use super::observation::ReadingObservations;
use super::observer::{Observer, row};
use crate::model::Transport;
use crate::per_body::PerBody;
use crate::rule::RuleInput;

pub(super) const ROWS: &[Observer] = &[
    row(AmbiguityId::RestReplyTo, rest_reply_to),
    row(AmbiguityId::SocketSenderEmail, socket_sender_email),
    row(AmbiguityId::LastMessageSubset, last_message_subset),
    row(AmbiguityId::MutedUntilInParticipant, muted_until_in_participant),
    row(AmbiguityId::ListShapeParticipants, list_shape_participants),
    row(AmbiguityId::SearchShape, search_shape),
    row(AmbiguityId::UndocumentedBodies, undocumented_bodies),
];

fn rest_reply_to(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    for message in input.model.observations.iter().filter(|it| it.transport == Transport::Rest) {
        match message.value.get("reply_to") {
            Some(Value::String(_)) => {
                observations.takes(ReadingId::RestReplyToId, message.evidence);
            }
            Some(Value::Object(_)) => {
                observations.takes(ReadingId::RestReplyToObject, message.evidence);
            }
            _ => {}
        }
    }
}

fn socket_sender_email(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let mut readings = PerBody::of(input.history);
    for connection in &input.history.connections {
        for (frame, event) in connection.received(ServerEvent::ChatMessage) {
            let reading = || {
                let sender = event.pointer("/message/sender").and_then(Value::as_object)?;
                Some(match sender.contains_key("email") {
                    true => ReadingId::SocketSenderEmailPresent,
                    false => ReadingId::SocketSenderEmailAbsent,
                })
            };
            if let Some(reading) = readings.get(&frame.body, reading) {
                observations.takes(reading, (connection, frame));
            }
        }
    }
}

fn last_message_subset(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    for room in &input.model.room_observations {
        let last = room.value.get("last_message").and_then(Value::as_object);
        let Some(last) = last.filter(|last| last.contains_key("id")) else { continue };
        let reading = match last.contains_key("read_by") {
            true => ReadingId::LastMessageSubsetComplete,
            false => ReadingId::LastMessageSubsetSixFields,
        };
        observations.takes(reading, room.call);
    }
}

fn muted_until_in_participant(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    for participant in &input.model.participant_observations {
        let reading = match participant.value.get("muted_until").is_some() {
            true => ReadingId::MutedUntilInParticipantPresent,
            false => ReadingId::MutedUntilInParticipantAbsent,
        };
        observations.takes(reading, participant.call);
    }
}

fn list_shape_participants(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    use ReadingId::{ListShapeParticipantsArray, ListShapeParticipantsEnvelope};
    let readings = (ListShapeParticipantsEnvelope, ListShapeParticipantsArray);
    list_shape(input, Operation::ParticipantsList, readings, observations);
}

fn search_shape(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let readings = (ReadingId::SearchShapeEnvelope, ReadingId::SearchShapeArray);
    list_shape(input, Operation::MessagesSearch, readings, observations);
}

fn list_shape(
    input: RuleInput<'_>,
    operation: Operation,
    (envelope, array): (ReadingId, ReadingId),
    observations: &mut ReadingObservations,
) {
    for call in input.history.calls_of(operation) {
        match call.success() {
            Some(Value::Object(_)) => observations.takes(envelope, call),
            Some(Value::Array(_)) => observations.takes(array, call),
            _ => {}
        }
    }
}

/// The content of a successful response that the specification does not show.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Object,
    Message,
    Nothing,
}

fn undocumented_bodies(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let content = |operation, mark| {
        input.history.calls_of(operation).filter(|call| call.succeeded()).find_map(|call| {
            let content = match call.response() {
                None if call.is_bodiless() => Content::Nothing,
                Some(body) if body.get(mark).is_some() => Content::Object,
                Some(body) if body.get("message").is_some_and(Value::is_string) => Content::Message,
                _ => return None,
            };
            Some((content, call))
        })
    };
    let marked = content(Operation::MessagesMarkRead, "content");
    let muted = content(Operation::ParticipantsMute, "user");
    let reading = match (marked, muted) {
        (Some((Content::Nothing, _)), _) => ReadingId::UndocumentedBodiesEmpty,
        (Some((Content::Object, _)), _) => ReadingId::UndocumentedBodiesObjects,
        (Some((Content::Message, _)), Some((Content::Object, _))) => {
            ReadingId::UndocumentedBodiesMixed
        }
        (Some((Content::Message, _)), Some((Content::Message, _))) => {
            ReadingId::UndocumentedBodiesMessages
        }
        _ => return,
    };
    if let Some((_, call)) = marked {
        observations.takes(reading, call);
    }
}

#[cfg(test)]
mod tests {
    use crate::readings::testing::observed;

    #[test]
    fn lists_are_envelopes_or_arrays() {
        let of =
            |body| observed("search-shape", &format!("bob messages.search ?q=abc => 200 {body}"));
        assert_eq!(of(r#"{"results": []}"#), ["envelope"]);
        assert_eq!(of("[]"), ["array"]);
    }

    #[test]
    fn undocumented_bodies_are_told_apart_by_two_operations() {
        const ROOM: &str = r#"
            alice rooms.create {"room_type": "group"} => 201 @room {"id": "$r1"}
            alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1"}
        "#;
        let of = |mark: &str, mute: &str| {
            let lines = format!(
                r#"{ROOM}
                bob messages.mark_read $m1 => 200 {mark}
                bob participants.mute 7 {{"muted": true}} => 200 {mute}"#
            );
            observed("undocumented-bodies", &lines)
        };
        let (message, object) = (r#"{"message": "Done"}"#, r#"{"user": {"id": 2}}"#);
        assert_eq!(of(message, object), ["mixed"]);
        assert_eq!(of(message, message), ["messages"]);
        assert_eq!(of(r#"{"content": "a"}"#, object), ["objects"]);
        assert!(of("{}", object).is_empty());
    }
}
