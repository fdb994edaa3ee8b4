//! Requests for attachments, recognized by their URLs.

use ahash::AHashMap;
use hearback_history::{Call, Outcome};
use url::Url;

use crate::model::{Message, Room, SentFile};
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;

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

/// The requests of [`fetches`]. If the attachments are at another origin, to which hearback sends nothing, that is
/// the reason why there are none.
pub(crate) fn fetches_or_reason<'h>(
    input: RuleInput<'h>,
    context: &mut RuleContext<'h>,
) -> Vec<Fetch<'h>> {
    let fetches = fetches(input);
    if fetches.is_empty()
        && let Some(target) = target(input)
        && let Some((url, _)) = urls(input, &target).find(|(url, _)| !is_own(url, &target))
    {
        context.unobservable(Reason::FilesElsewhere(url.origin().ascii_serialization()));
    }
    fetches
}

/// Returns the requests for URLs of the target's own origin that messages of this run showed as their attachments.
pub(crate) fn fetches<'h>(input: RuleInput<'h>) -> Vec<Fetch<'h>> {
    let Some(target) = target(input) else { return Vec::new() };
    let all = input.history.calls.iter();
    let calls: Vec<_> =
        all.filter(|call| call.operation().is_none() && call.invocation.method == "GET").collect();
    if calls.is_empty() {
        return Vec::new();
    }
    let urls: AHashMap<Url, &'h Message<'h>> =
        urls(input, &target).filter(|(url, _)| is_own(url, &target)).collect();
    let fetch = |call: &'h Call| {
        let url = target.join(&call.invocation.path).ok()?;
        let message = *urls.get(&url)?;
        let room = input.model.rooms.get(&message.room)?;
        let may_be_signed = url.query().is_some();
        Some(Fetch { call, message, file: message.file.as_ref()?, room, may_be_signed })
    };
    calls.into_iter().filter_map(fetch).collect()
}

/// The address of the target, which URLs may be relative to.
fn target(input: RuleInput<'_>) -> Option<Url> {
    input.history.start.as_ref().and_then(|start| Url::parse(&start.target).ok())
}

/// The URLs that messages of this run showed as their attachments.
fn urls<'h>(input: RuleInput<'h>, target: &Url) -> impl Iterator<Item = (Url, &'h Message<'h>)> {
    let with_files = input.model.recognized().filter(|(_, message)| message.file.is_some());
    with_files.filter_map(move |(observation, message)| {
        let url = target.join(observation.value.get("attachment")?.as_str()?).ok()?;
        Some((url, message))
    })
}

/// Returns whether a URL has the origin of the target, the only one that requests are sent to.
fn is_own(url: &Url, target: &Url) -> bool {
    url.origin() == target.origin()
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

#[cfg(test)]
mod tests {
    use super::testing::{fetch, sent};
    use crate::reason::Reason;
    use crate::rules::testing::verdict_of;
    use crate::verdict::State::{Held, NotExercised};

    const RULES: [&str; 5] = [
        "message/attachment-content",
        "message/attachment-needs-token",
        "message/attachment-members-only",
        "message/attachment-not-executed",
        "deletion/attachment-is-gone",
    ];

    #[test]
    fn files_at_another_origin_are_the_reason_why_none_is_fetched() {
        let at = |url: &str| sent("text/plain", "").replace("/media/1", url);
        let elsewhere = |origin: &str| Some(Reason::FilesElsewhere(origin.to_owned()));
        for rule in RULES {
            for (url, reason) in [
                (
                    "https://files.test:8443/media/1?signature=x",
                    elsewhere("https://files.test:8443"),
                ),
                ("http://target.test:9443/media/1", elsewhere("http://target.test:9443")),
                ("https://target.test/media/1", elsewhere("https://target.test")),
                ("http://target.test/media/1", Some(Reason::NothingObserved)),
                ("/media/1", Some(Reason::NothingObserved)),
            ] {
                let verdict = verdict_of(rule, &at(url));
                assert_eq!((verdict.state, verdict.reason), (NotExercised, reason), "{rule} {url}");
            }
        }
        let fetched = sent("text/plain", &fetch("bob", "200 abc"));
        assert_eq!(verdict_of("message/attachment-content", &fetched).state, Held);
    }
}
