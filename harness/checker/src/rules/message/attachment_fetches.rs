//! Requests for attachments, recognized by their URLs.

use ahash::AHashMap;
use hearback_history::{Call, Outcome};
use url::Url;

use crate::model::{Message, Room, SentFile};
use crate::rule::RuleInput;

/// A request for the file of a message.
pub(crate) struct Fetch<'h> {
    pub(crate) call: &'h Call,
    pub(crate) message: &'h Message<'h>,
    pub(crate) file: &'h SentFile<'h>,
    pub(crate) room: &'h Room<'h>,
    /// True if the URL has a query, which may hold a signature that admits anyone (attachment-access).
    pub(crate) may_be_signed: bool,
}

impl Fetch<'_> {
    /// Returns whether the response is the whole file.
    pub(crate) fn shows_file(&self) -> bool {
        let is_file = |body: &hearback_history::Payload| body.to_bytes() == self.file.bytes;
        self.call.status() == Some(200)
            && matches!(&self.call.outcome, Outcome::Response { body, .. } if is_file(body))
    }
}

/// Returns the requests for URLs of the target's own origin that messages of this run showed as their attachments.
pub(crate) fn fetches<'h>(input: RuleInput<'h>) -> Vec<Fetch<'h>> {
    let target = input.history.start.as_ref().and_then(|start| Url::parse(&start.target).ok());
    let Some(target) = target else { return Vec::new() };
    let all = input.history.calls.iter();
    let calls: Vec<_> =
        all.filter(|call| call.operation().is_none() && call.invocation.method == "GET").collect();
    if calls.is_empty() {
        return Vec::new();
    }
    let urls: AHashMap<Url, &'h Message<'h>> = input
        .model
        .recognized()
        .filter(|(_, message)| message.file.is_some())
        .filter_map(|(observation, message)| {
            let url = target.join(observation.value.get("attachment")?.as_str()?).ok()?;
            (url.origin() == target.origin()).then_some((url, message))
        })
        .collect();
    let fetch = |call: &'h Call| {
        let url = target.join(&call.invocation.path).ok()?;
        let message = *urls.get(&url)?;
        let room = input.model.rooms.get(&message.room)?;
        let may_be_signed = url.query().is_some();
        Some(Fetch { call, message, file: message.file.as_ref()?, room, may_be_signed })
    };
    calls.into_iter().filter_map(fetch).collect()
}

#[cfg(test)]
pub(crate) mod testing {
    //! A message with a file, which users fetch.

    /// Alice sends the text `abc` as a file to a room with bob; then these lines.
    pub(crate) fn sent(content_type: &str, lines: &str) -> String {
        format!(
            r#"
            alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1", "participants": [@participant {{"id": 1, "room": "$r1", "user": {{"id": 1}}}}, @participant {{"id": 2, "room": "$r1", "user": {{"id": 2}}}}]}}
            alice messages.send {{"room": "$r1", "content": "see", "attachment": {{"name": "a.txt", "content_type": "{content_type}", "base64": "YWJj"}}}} => 201 @message {{"id": "$m1", "room": "$r1", "content": "see", "message_type": "file", "attachment": "/media/1", "attachment_name": "a.txt", "attachment_size": 3}}
            {lines}"#
        )
    }

    /// A user with a credential fetches the file.
    pub(crate) fn fetch(who: &str, answer: &str) -> String {
        format!("{who} fetch http://target.test/media/1 => {answer}")
    }
}
