//! A language for test histories: one line per call, handshake or frame.
//!
//! ```text
//! # A comment. alice is user 1, bob 2, carol 3, dave 4, erin 5, frank 6.
//! alice rooms.create {"room_type": "group"} => 201 @room {"id": "$r1"}
//! alice messages.list ?room=$r1&page=2 => 200 {"count": 1, "results": [@message {"id": "$m1"}]}
//! bob[tampered] rooms.get $r1 => 401 @error
//! alice messages.send {"room": "$r1", "content": "a"} => ?
//! [4..54] alice rooms.get $r1 => late
//! bob@r1 open
//! bob@r1 -> {"type": "typing", "is_typing": true}
//! bob@r1 <- @typing {"user_id": 1}
//! bob@r1 close 4003
//! bob[anonymous]@r1 refused 401
//! existing $r1
//! stalled 20000
//! ```
//!
//! # Lines
//!
//! A line is `[from..to] actor[credential] operation arguments => response` for a call, and
//! `[from..to] actor[credential]/label@room verb argument` for a socket.
//!
//! - **Time**, in milliseconds, is optional. A line without it begins 1 ms after the end of the line before and
//!   takes 1 ms. Handshake results and frames have the time `to`. Lines are sorted by time.
//! - **Credential** is a [`CredentialKind`] in kebab case, `access` by default.
//! - **Label** distinguishes several sockets of one actor in one room: `bob/2@r1`.
//! - **Arguments** of a call are path parameters, a query after `?`, `as:TYPE` for a content type other than
//!   `application/json`, `method:HEAD` for another method, and a JSON body, in any combination.
//!
//! `bob[anonymous] fetch URL => 200 <content-type: text/plain; content-disposition: inline> TEXT` is a request for a
//! file, whose response may have headers.
//!
//! `existing $r1` states that the room of a creation existed before the run.
//!
//! `stalled 20000` states that hearback itself did not run for 20 s, until the end of the line before.
//!
//! # Responses
//!
//! | response | meaning |
//! | --- | --- |
//! | `201 BODY` | the status and the body, which may be missing |
//! | `405 <allow: GET; cache-control: private> BODY` | the same to a request with another method, with headers |
//! | `?` | no response until the end of the journal: the outcome is unknown |
//! | `late` | hearback stopped waiting at `to`: the outcome is unknown |
//! | `excused REASON` | the response is 401, and says nothing about the API: `session_ended`, … |
//! | `stale 300 200 BODY` | the response may show the state of up to 300 ms before the request |
//! | `!` | the connection failed: the target did not process the request |
//!
//! # Sockets
//!
//! | verb | meaning |
//! | --- | --- |
//! | `open` | the handshake succeeds, and `connection_established` follows |
//! | `mute-open` | the handshake succeeds, and nothing follows |
//! | `refused 401` | the handshake is refused with a status |
//! | `throttled 429` | the handshake is throttled with a status |
//! | `unanswered` | there is no response to the handshake until `to` |
//! | `invalid-handshake TEXT` | the response to the handshake violates RFC 6455 |
//! | `open from ORIGIN`, `refused 403 from ORIGIN` | the handshake has the origin of another site |
//! | `-> FRAME` | the actor sends a frame |
//! | `<- FRAME` | the actor receives a frame |
//! | `close` | the actor closes the connection |
//! | `close 4003`, `close none` | the target closes the connection with a code, or without one |
//! | `break TEXT` | the connection breaks with an error message |
//! | `invalid-frame TEXT` | the target sends a frame that RFC 6455 forbids |
//! | `compression offered`, `compression accepted` | the handshake offers compression, or the target accepts it |
//! | `probe ping answered`, `probe close answered 1000` | a probe is sent at `from`, and its outcome is known at `to` |
//!
//! A frame is JSON, `raw TEXT` for text that is sent unchanged, or `binary TEXT` for a binary frame.
//!
//! # JSON
//!
//! `$name` is a UUID, the same one for the same name. `@name {…}` is an example of the specification with some
//! members replaced; the value `"$absent"` removes a member.

mod actors;
mod expansion;
mod parser;

use hearback_history::{Event, History};

pub use actors::ACTORS;
pub use expansion::id;

#[cfg(doc)]
use hearback_history::CredentialKind;

/// A line that is not in the language.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {problem}: `{text}`")]
pub struct DslError {
    /// Number of the line, from 1.
    pub line: usize,
    /// Description of the problem.
    pub problem: String,
    /// The line.
    pub text: String,
}

/// Parses a history.
///
/// # Errors
/// If a line is not in the language.
pub fn parse(text: &str) -> Result<History, DslError> {
    events(text).map(History::from_events)
}

/// Parses the events of a history.
///
/// # Errors
/// If a line is not in the language.
pub fn events(text: &str) -> Result<Vec<Event>, DslError> {
    let mut parser = parser::Parser::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        parser.line(line).map_err(|problem| DslError {
            line: index + 1,
            problem,
            text: line.to_owned(),
        })?;
    }
    Ok(parser.finish().collect())
}

#[cfg(test)]
mod tests {
    use hearback_history::{CloseOrigin, CredentialKind, FrameDirection, Nanoseconds, Outcome};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn calls_have_requests_and_responses() {
        let history = parse(
            r#"
            bob[tampered] messages.list ?room=$r1&page=2 => 401 @error {"detail": "no"}
            [7..9] alice messages.get $m1 => 200 @message {"id": "$m1", "attachment": "$absent"}
            "#,
        )
        .unwrap();
        let [list, get] = &history.calls[..] else { panic!("two calls") };
        assert_eq!(list.query("room"), Some(id("r1").as_str()));
        assert_eq!(list.invocation.credential.kind, CredentialKind::Tampered);
        assert!(list.refused());
        assert_eq!(list.response().unwrap()["detail"], "no");
        assert_eq!(get.subject(), Some(id("m1").as_str()));
        assert_eq!(get.interval().invoked, Nanoseconds::from_millis(7));
        assert_eq!(get.success().unwrap()["id"], id("m1"));
        assert!(get.success().unwrap().get("attachment").is_none());
    }

    #[test]
    fn examples_nest() {
        let history = parse(
            r#"alice messages.list => 200 {"results": [@message {"content": "a } b"}, @message]}"#,
        )
        .unwrap();
        let items = history.calls[0].items().unwrap();
        assert_eq!(items.len(), 2);
        assert_eq!(items[0]["content"], "a } b");
    }

    #[test]
    fn sockets_have_frames_and_an_end() {
        let history = parse(
            r#"
            bob@r1 open
            bob@r1 -> raw {"type
            bob@r1 <- @error
            bob@r1 close 4003
            carol[garbage]@r1 refused 401
            alice rooms.get $r1 => !
            "#,
        )
        .unwrap();
        let bob = &history.connections[0];
        assert_eq!(bob.room.as_str(), id("r1"));
        assert_eq!(bob.frames.len(), 3);
        assert_eq!(bob.frames[1].direction, FrameDirection::Sent);
        assert!(bob.frames[1].json().is_none());
        assert_eq!(bob.closed.as_ref().unwrap().by, CloseOrigin::Server);
        assert!(history.connections[1].established().is_none());
        assert!(matches!(history.calls[0].outcome, Outcome::Failed { .. }));
    }

    #[test]
    fn errors_name_the_line() {
        let error = parse("\nalice rooms.fly => 200").unwrap_err();
        assert_eq!(error.line, 2);
        assert!(error.to_string().contains("rooms.fly"));
    }

    const LINES: [&str; 8] = [
        r#"alice rooms.create {"room_type": "group"} => 201 @room {"id": "$r1"}"#,
        "alice messages.list ?room=$r1&page=2 => 200 {\"results\": [@message {\"id\": \"$m1\"}]}",
        "[4..54] bob[tampered] rooms.get $r1 => late",
        "bob@r1 open",
        r#"bob@r1 <- @typing {"user_id": 1}"#,
        r#"bob/2@r1 -> raw {"type"#,
        "bob@r1 close 4003",
        "[0..18446744073709551615] bob@r1 unanswered",
    ];

    proptest! {
        #[test]
        fn any_text_is_parsed_or_rejected_with_its_line(
            lines in prop::collection::vec(("\\PC{0,30}", any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4_usize), 1..6),
        ) {
            let mut text = String::new();
            for (garbage, line, position, removed) in &lines {
                let mut line: Vec<char> = LINES[line.index(LINES.len())].chars().collect();
                let position = position.index(line.len());
                let end = (position + removed).min(line.len());
                line.splice(position..end, garbage.chars());
                text.extend(line);
                text.push('\n');
            }
            match parse(&text) {
                Ok(history) => prop_assert!(history.start.is_some()),
                Err(error) => {
                    let line = text.lines().nth(error.line - 1).unwrap();
                    prop_assert_eq!(line.trim(), error.text);
                }
            }
        }
    }
}
