//! Messages in the order in which sockets received them.

use ahash::AHashSet;
use hearback_contract::MessageRef;
use hearback_history::History;

use crate::evidence::Evidence;
use crate::model::Model;
use crate::model::observation::MessageObservation;
use crate::model::stream::{ReceivedMessage, Stream, is_altered, is_edited};
use crate::per_body::PerBody;

/// The stream of every established socket that received a message.
pub(super) fn streams<'h>(model: &Model<'h>, history: &'h History) -> Vec<Stream<'h>> {
    let mut streams: Vec<Stream<'h>> = Vec::new();
    // For each message, the number of the last stream that contains it.
    let mut last = vec![0; model.messages.len()];
    let mut unknown: AHashSet<MessageRef<'_>> = AHashSet::new();
    // Many sockets receive the same body.
    let mut by_body = PerBody::of(history);
    for (observation, message) in model.observations.iter().zip(&model.identities) {
        let Evidence::Frame(connection, frame) = observation.evidence else { continue };
        let Shown { id: Some(id), is_edited } = by_body.get(&frame.body, || Shown::of(observation))
        else {
            continue;
        };
        if streams.last().is_none_or(|stream| stream.connection.id != connection.id) {
            // Observations are grouped by connection.
            unknown.clear();
            streams.push(Stream { connection, messages: Vec::new() });
        }
        let number = streams.len();
        let is_first = match message {
            Some(message) => std::mem::replace(&mut last[*message], number) != number,
            None => unknown.insert(id),
        };
        let known = message.and_then(|message| model.messages.get_index(message));
        let is_in_order = is_first
            && known.is_some_and(|(_, message)| {
                message.room == connection.room
                    && !model.is_ambiguous(message)
                    && !is_edited
                    && !is_altered(message, frame)
            });
        let (value, message) = (observation.value, *message);
        let received = ReceivedMessage { frame, value, id, message, is_first, is_in_order };
        if let Some(stream) = streams.last_mut() {
            stream.messages.push(received);
        }
    }
    streams.retain(|stream| model.sockets.listener(stream.connection).is_some());
    streams
}

/// Fields of a message in a frame.
#[derive(Clone, Copy)]
struct Shown<'h> {
    id: Option<MessageRef<'h>>,
    is_edited: bool,
}

impl<'h> Shown<'h> {
    fn of(observation: &MessageObservation<'h>) -> Self {
        Self { id: observation.id(), is_edited: is_edited(observation.value) }
    }
}

#[cfg(test)]
mod tests {
    use hearback_testkit::dsl;

    use super::*;

    /// The ids of bob's stream, each with whether it was received first and whether it is in order.
    fn stream(lines: &[&str]) -> Vec<(String, bool, bool)> {
        let history = dsl::parse(&format!(
            r#"
            alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
            alice messages.send {{"room": "$r1", "content": "a"}} => 201 @message {{"id": "$m1", "room": "$r1"}}
            bob@r1 open
            {}"#,
            lines.join("\n")
        ))
        .unwrap();
        let model = Model::of(&history);
        let streams: Vec<_> = model.streams().collect();
        let messages = streams.iter().flat_map(|stream| &stream.messages);
        messages.map(|it| (it.id.to_string(), it.is_first, it.is_in_order)).collect()
    }

    fn event(id: &str, fields: &str) -> String {
        format!(
            r#"bob@r1 <- @chat_message {{"message": {{"id": "${id}", "room_id": "$r1", "content": "a"{fields}}}}}"#
        )
    }

    #[test]
    fn only_the_first_receipt_of_a_known_message_is_in_order() {
        let (known, unknown) = (event("m1", ""), event("m9", ""));
        let (m1, m9) = (dsl::id("m1"), dsl::id("m9"));
        assert_eq!(
            stream(&[&known, &unknown, &known, &unknown]),
            [
                (m1.clone(), true, true),
                (m9.clone(), true, false),
                (m1.clone(), false, false),
                (m9, false, false),
            ]
        );
        let edited = event("m1", r#", "is_edited": true"#);
        assert_eq!(stream(&[&edited]), [(m1.clone(), true, false)]);
        let deletion = "alice messages.delete $m1 => ?";
        assert_eq!(stream(&[deletion, &known]), [(m1, true, false)]);
    }

    #[test]
    fn sockets_without_messages_have_no_stream() {
        assert_eq!(stream(&[]), []);
        assert_eq!(stream(&[r#"bob@r1 <- @typing {"user_id": 1}"#]), []);
    }
}
