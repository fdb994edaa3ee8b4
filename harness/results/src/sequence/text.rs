//! The texts of exchanges.

use hearback_history::{Call, Handshake, Outcome, Payload};
use serde_json::Value;

use super::candidate::Content;

/// Maximum length of a text, in characters.
const LONGEST: usize = 72;

impl Content<'_> {
    /// A description of the exchange on one line.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Request(call) => request(call),
            Self::Response(call) => match &call.outcome {
                Outcome::Response { status, throttled_s: Some(_), .. } => {
                    format!("{status}, throttled")
                }
                Outcome::Response { status, json, body, .. } => {
                    format!("{status} {}", body_summary(json.as_ref(), body)).trim_end().to_owned()
                }
                Outcome::Failed { error } | Outcome::Unknown { error, .. } => error.clone(),
            },
            Self::Handshake(connection) => format!("connect to {}", connection.room),
            Self::HandshakeResponse(connection) => match &connection.handshake {
                Handshake::Accepted { .. } => "101".to_owned(),
                Handshake::Throttled { status, .. } => format!("{status}, throttled"),
                Handshake::Excused { reason, .. } => reason.to_string(),
                Handshake::Refused { status: Some(status), .. } => status.to_string(),
                Handshake::Refused { error, .. } => error.clone(),
                Handshake::Pending => String::new(),
            },
            Self::Frame(frame) => body_summary(frame.json(), &frame.body.payload),
            Self::Close(connection) => {
                let closing = connection.closed.as_ref();
                let code = closing.and_then(|closing| closing.code);
                code.map_or_else(|| "close".to_owned(), |code| format!("close {code}"))
            }
            Self::Expectation(subject, holds) => {
                let answer = if *holds { "as expected" } else { "not as expected" };
                format!("{subject}: {answer}")
            }
        }
    }
}

/// The operation, its parameters and its body.
fn request(call: &Call) -> String {
    let invocation = &call.invocation;
    let mut text = match invocation.operation {
        Some(operation) => operation.id().to_owned(),
        None => invocation.method.clone(),
    };
    for parameter in &invocation.path_parameters {
        text.push_str(&format!(" {parameter}"));
    }
    for (name, value) in &invocation.query {
        text.push_str(&format!(" {name}={value}"));
    }
    if let Some(body) = &invocation.body {
        text.push_str(&format!(" {}", body_summary(call.request.as_ref(), body)));
    }
    text
}

/// The type of an event and its members, nested objects by their content or id; of other text, the beginning.
fn body_summary(json: Option<&Value>, payload: &Payload) -> String {
    let Some(json) = json else {
        return payload.as_text().map_or_else(|| "(binary)".to_owned(), shortened);
    };
    let kind = json.get("type").and_then(Value::as_str);
    let mut members: Vec<_> =
        json.as_object().into_iter().flatten().filter(|(name, _)| *name != "type").collect();
    // The content of a message identifies it best and must not be cut.
    members.sort_by_key(|(name, _)| *name != "content");
    let mut parts: Vec<String> = kind.map(str::to_owned).into_iter().collect();
    for (name, value) in members {
        match value {
            Value::Object(inner) => {
                let keys = ["content", "username", "id"];
                let distinctive = keys.iter().find_map(|key| inner.get(*key));
                parts.extend(distinctive.map(|value| format!("{name} {value}")));
            }
            Value::Array(items) => parts.push(format!("{name} [{}]", items.len())),
            value => parts.push(format!("{name} {value}")),
        }
    }
    match json {
        Value::Object(_) => parts.join(", "),
        Value::Array(items) => format!("[{}]", items.len()),
        value => value.to_string(),
    }
}

/// The first [`LONGEST`] characters of `text`.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// `text` with UUIDs cut to their first eight digits, which distinguish them in one diagram.
pub(super) fn brief_ids(text: &str) -> String {
    const UUID: usize = 36;
    let is_uuid = |text: &str| {
        text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    };
    let mut brief = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        match rest.get(..UUID) {
            Some(id) if is_uuid(id) => {
                brief.push_str(&id[..8]);
                rest = &rest[UUID..];
            }
            _ => {
                brief.push(letter);
                rest = &rest[letter.len_utf8()..];
            }
        }
    }
    brief
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_cut_to_eight_digits() {
        let text = "é 550e8400-e29b-41d4-a716-446655440000, 550e8400";
        assert_eq!(brief_ids(text), "é 550e8400, 550e8400");
    }
}
