//! Attachments.

use hearback_contract::{AmbiguityId, Operation, ReadingId};
use serde_json::Value;

use super::observation::ReadingObservations;
use super::observer::{Observer, row};
use super::status::{MEMBERS, calls_by};
use crate::model::Transport;
use crate::rule::RuleInput;
use crate::rules::message::attachment_fetches::fetches;

pub(super) const ROWS: &[Observer] = &[
    row(AmbiguityId::AttachmentUrl, attachment_url),
    row(AmbiguityId::AttachmentAccess, attachment_access),
    row(AmbiguityId::AttachmentTypes, attachment_types),
];

fn attachment_url(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    for message in input.model.observations.iter().filter(|it| it.transport == Transport::Rest) {
        let Some(url) = message.value.get("attachment").and_then(Value::as_str) else { continue };
        if url.starts_with("http://") || url.starts_with("https://") {
            observations.takes(ReadingId::AttachmentUrlAbsolute, message.evidence);
        } else if url.starts_with('/') {
            observations.takes(ReadingId::AttachmentUrlRelative, message.evidence);
        }
    }
}

fn attachment_access(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    for fetch in fetches(input).iter().filter(|fetch| !fetch.call.is_authorized()) {
        match fetch.call.status() {
            Some(401 | 403) => observations.takes(ReadingId::AttachmentAccessToken, fetch.call),
            Some(200) if fetch.may_be_signed && fetch.shows_file() => {
                observations.takes(ReadingId::AttachmentAccessSigned, fetch.call);
            }
            _ => {}
        }
    }
}

fn attachment_types(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let (mut pictures, mut other_refused) = (false, None);
    let mut others = false;
    for call in calls_by(input, Operation::MessagesSend, MEMBERS) {
        let file = call.request.as_ref().and_then(|body| body.get("attachment"));
        let content_type = file.and_then(|file| file.get("content_type")).and_then(Value::as_str);
        let Some(content_type) = content_type else { continue };
        match (call.status(), content_type.starts_with("image/")) {
            (Some(201), true) => pictures = true,
            (Some(201), false) => {
                others = true;
                observations.takes(ReadingId::AttachmentTypesAll, call);
            }
            (Some(400), false) => other_refused = Some(call),
            _ => {}
        }
    }
    // A server that refuses pictures, too, may accept no attachment at all; one that accepts some other file refused
    // this one for another reason.
    if let Some(call) = other_refused.filter(|_| pictures && !others) {
        observations.takes(ReadingId::AttachmentTypesPictures, call);
    }
}

#[cfg(test)]
mod tests {
    use crate::readings::testing::observed;
    use crate::rules::message::attachment_fetches::testing::{fetch, sent};

    #[test]
    fn a_token_or_the_url_admits() {
        let of = |url: &str, answer: &str| {
            let fetch = fetch("bob[anonymous]", answer);
            observed("attachment-access", &sent("text/plain", &fetch).replace("/media/1", url))
        };
        assert_eq!(of("/media/1", "401 "), ["token"]);
        assert_eq!(of("/media/1?signature=a", "200 abc"), ["signed"]);
        assert!(of("/media/1", "200 abc").is_empty());
    }

    #[test]
    fn urls_are_absolute_or_relative() {
        let of = |url: &str| {
            let line = format!(r#"bob messages.get $m1 => 200 @message {{"attachment": "{url}"}}"#);
            observed("attachment-url", &line)
        };
        assert_eq!(of("https://example.com/a"), ["absolute"]);
        assert_eq!(of("/media/a"), ["relative"]);
        assert!(of("a").is_empty());
    }
}
