//! Contents of messages at the edge of what is valid.

use hearback_contract::{AmbiguityId, Operation, ReadingId};
use hearback_history::Call;
use serde_json::Value;

use super::observation::ReadingObservations;
use super::observer::{Observer, row};
use super::status::plain_calls;
use crate::model::HUGE;
use crate::rule::RuleInput;
use crate::rules::text::{is_odd, is_storable};

pub(super) const ROWS: &[Observer] = &[
    row(AmbiguityId::EmptyContent, empty_content),
    row(AmbiguityId::ContentLength, content_length),
    row(AmbiguityId::ControlCharacters, control_characters),
];

/// Lengths, in characters, that the readings distinguish.
const SHORT_LIMIT: usize = 10_000;
const LONG_LIMIT: usize = 100_000;

/// Length from which on a content is as large as one above the limit, as far as the size of requests is concerned.
const NEARLY_LONG: usize = 99_000;

/// Requests by members to send a message, with the content.
fn sends(input: RuleInput<'_>) -> impl Iterator<Item = (&Call, &str)> {
    const DOCUMENTED: &[&str] = &["room", "content", "message_type", "attachment"];
    plain_calls(input, Operation::MessagesSend, DOCUMENTED).filter_map(|call| {
        let request = call.request.as_ref()?;
        let has_plain_type = request
            .get("message_type")
            .is_none_or(|it| matches!(it.as_str(), Some("text" | "image" | "file")));
        Some((call, request.get("content")?.as_str()?)).filter(|_| has_plain_type)
    })
}

fn has_attachment(call: &Call) -> bool {
    let request = call.request.as_ref();
    request.and_then(|body| body.get("attachment")).is_some_and(|it| !it.is_null())
}

fn empty_content(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let status = |with_attachment: bool, is_wanted: fn(&str) -> bool| {
        sends(input).find_map(|(call, content)| {
            let status = call.status()?;
            let is_wanted = has_attachment(call) == with_attachment && is_wanted(content);
            is_wanted.then_some((call, status))
        })
    };
    let attached = status(true, str::is_empty);
    let blank = status(false, |content| !content.is_empty() && content.trim().is_empty());
    let reading = match (attached.map(|it| it.1), blank.map(|it| it.1)) {
        (Some(400), _) => ReadingId::EmptyContentRefused,
        (Some(201), Some(400)) => ReadingId::EmptyContentWithAttachment,
        (_, Some(201)) => ReadingId::EmptyContentBlank,
        _ => return,
    };
    if let Some((call, _)) = attached.or(blank) {
        observations.takes(reading, call);
    }
}

fn content_length(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let status = |lengths: std::ops::Range<usize>, shows: fn(&Call, u16) -> bool| {
        sends(input).find_map(|(call, content)| {
            // A character has at most four bytes.
            if has_attachment(call) || content.len() < lengths.start {
                return None;
            }
            let status = call.status().filter(|status| shows(call, *status))?;
            lengths.contains(&content.chars().count()).then_some((call, status))
        })
    };
    // A huge request may be refused for another reason (huge-requests).
    let medium =
        status(SHORT_LIMIT + 1..LONG_LIMIT + 1, |call, status| status != 400 || !is_huge(call));
    let long = status(LONG_LIMIT + 1..usize::MAX, |_, _| true);
    let is_huge_accepted =
        status(NEARLY_LONG..LONG_LIMIT + 1, |call, status| status == 201 && is_huge(call))
            .is_some();
    let reading = match (medium.map(|it| it.1), long.map(|it| it.1)) {
        (Some(400), _) => ReadingId::ContentLength10000,
        (_, Some(201)) => ReadingId::ContentLengthUnlimited,
        (Some(201), Some(400)) if is_huge_accepted => ReadingId::ContentLength100000,
        _ => return,
    };
    if let Some((call, _)) = long.or(medium) {
        observations.takes(reading, call);
    }
}

fn is_huge(call: &Call) -> bool {
    let body = call.invocation.body.as_ref().and_then(|body| body.as_text());
    body.is_some_and(|body| body.len() > HUGE)
}

fn control_characters(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    for (call, content) in sends(input).filter(|(_, content)| !is_storable(content)) {
        let kept = content.replace(is_odd, "");
        // Nothing would remain, or the text is in doubt for another reason.
        if kept.trim().is_empty() || kept.trim() != kept || content.len() > SHORT_LIMIT {
            continue;
        }
        let stored =
            call.success().and_then(|message| message.get("content")).and_then(Value::as_str);
        match (call.status(), stored) {
            (Some(400), _) => observations.takes(ReadingId::ControlCharacters400, call),
            (_, Some(stored)) if stored == content => {
                observations.takes(ReadingId::ControlCharactersKept, call);
            }
            (_, Some(stored)) if stored == kept => {
                observations.takes(ReadingId::ControlCharactersRemoved, call);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::readings::testing::observed;

    /// The readings that a message with `content` and these responses shows.
    fn sent(ambiguity: &str, contents: &[(&str, &str)]) -> Vec<&'static str> {
        let sends = contents.iter().map(|(content, response)| {
            format!(
                r#"alice messages.send {{"room": "$r1", "content": "{content}"}} => {response}"#
            )
        });
        let room = r#"[1..2] alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}"#;
        let lines: Vec<_> = std::iter::once(room.to_owned()).chain(sends).collect();
        observed(ambiguity, &lines.join("\n"))
    }

    #[test]
    fn two_lengths_show_the_limit() {
        let contents = [20_000, 99_900, 100_001].map(|length| "a".repeat(length));
        let of = |statuses: [&str; 3]| {
            let sends: Vec<_> = contents.iter().map(String::as_str).zip(statuses).collect();
            sent("content-length", &sends)
        };
        let (stored, bad) = ("201 @message", "400 @error");
        assert_eq!(of([stored, stored, bad]), ["100000"]);
        assert_eq!(of([bad, bad, bad]), ["10000"]);
        assert_eq!(of([stored, stored, stored]), ["unlimited"]);
        // The request may be too large instead (huge-requests).
        assert!(of([stored, bad, bad]).is_empty());
    }

    #[test]
    fn control_characters_are_kept_removed_or_refused() {
        let of = |response| sent("control-characters", &[(r"a\u0007b", response)]);
        assert_eq!(of("400 @error"), ["400"]);
        assert_eq!(of(r#"201 @message {"content": "a\u0007b"}"#), ["kept"]);
        assert_eq!(of(r#"201 @message {"content": "ab"}"#), ["removed"]);
        assert!(of(r#"201 @message {"content": "c"}"#).is_empty());
    }
}
