//! A terse language for test histories: one line per call or frame.
//!
//! ```text
//! # alice is user 1, bob 2, carol 3, dave 4, erin 5, frank 6
//! alice rooms.create {"room_type": "group"} => 201 @room {"id": "$r1"}
//! alice messages.list ?room=$r1&page=2 => 200 {"count": 1, "results": [@message {"id": "$m1"}]}
//! bob[tampered] rooms.get $r1 => 401 @error
//! alice messages.send {"room": "$r1", "content": "a"} => ?          (no answer: may have happened)
//! alice messages.send {"room": "$r1", "content": "a"} => !          (surely not carried out)
//! [4..54] alice rooms.get $r1 => late                                (given up at 54 ms: may have happened)
//! bob@r1 open                                                        (with connection_established)
//! bob@r1 -> {"type": "typing", "is_typing": true}
//! bob@r1 <- @typing {"user_id": 1}
//! bob@r1 close 4003                                                  (by the server; without a code, by us)
//! bob@r1 break connection reset                                      (why)
//! bob[anonymous]@r1 refused 401
//! bob@r1 throttled 429
//! [4..54] bob@r1 unanswered                                          (the handshake, given up at 54 ms)
//! [4..9] alice rooms.get $r1 => 200 @room                            (in flight from 4 ms to 9 ms)
//! ```
//!
//! `$name` stands for a UUID, the same one for the same name. `@name {…}` is an example of the document
//! with members replaced; a member set to `"$absent"` is left out. Without times, lines follow each
//! other. A second socket of the same user in the same room is `bob/2@r1`.

mod expansion;

use std::collections::HashMap;

use hearback_contract::Operation;
use serde_json::Value;

use hearback_history::History;
use hearback_history::Payload;
use hearback_history::event::{
    CallId, CloseOrigin, ConnectionId, Credential, CredentialKind, Event, EventKind, Invocation,
    Nanoseconds, RunStart,
};

pub use expansion::id;
use expansion::{expand, substitute};

/// What the actors of the language are called; their user ids are 1 and up.
pub const ACTORS: [&str; 6] = ["alice", "bob", "carol", "dave", "erin", "frank"];

const MILLISECOND: Nanoseconds = 1_000_000;

/// A line that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {problem}: `{text}`")]
pub struct DslError {
    /// The line, from 1 on.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
    /// The line's text.
    pub text: String,
}

/// Reads a history.
///
/// # Errors
/// If a line is not of the language.
pub fn parse(text: &str) -> Result<History, DslError> {
    let mut parser = Parser::new();
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
    Ok(History::from_events(parser.finish()))
}

struct Parser {
    events: Vec<(Nanoseconds, EventKind)>,
    now: Nanoseconds,
    calls: u64,
    connections: HashMap<String, ConnectionId>,
}

impl Parser {
    fn new() -> Self {
        let start = RunStart {
            run: "test".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            document: hearback_contract::SPECIFICATION_VERSION.to_owned(),
            target: "http://target.test/api".to_owned(),
            socket: "ws://target.test/ws".to_owned(),
            target_kind: None,
            seed: 1,
            started_at: "2026-01-01T00:00:00Z".to_owned(),
            timeout_ms: 50,
            selection: Vec::new(),
        };
        let actors = ACTORS.iter().zip(1..).map(|(actor, user_id)| {
            (0, EventKind::ActorKnown { actor: (*actor).into(), user_id: Some(user_id) })
        });
        Self {
            events: [(0, EventKind::RunStarted(start))].into_iter().chain(actors).collect(),
            now: 0,
            calls: 0,
            connections: HashMap::new(),
        }
    }

    fn finish(mut self) -> impl Iterator<Item = Event> {
        self.events.sort_by_key(|(at, _)| *at);
        self.events.into_iter().zip(0..).map(|((at, kind), seq)| Event { seq, at, kind })
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        let (times, line) = match line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((times, rest)) => (Some(parse_times(times)?), rest.trim()),
            None => (None, line),
        };
        let (invoked, returned) =
            times.unwrap_or((self.now + MILLISECOND, self.now + 2 * MILLISECOND));
        self.now = self.now.max(returned);
        let (who, rest) = line.split_once(' ').ok_or("an actor and what it does")?;
        let rest = rest.trim();
        if who.contains('@') {
            self.socket(who, rest, invoked, returned)
        } else {
            self.call(who, rest, invoked, returned)
        }
    }

    fn call(
        &mut self,
        who: &str,
        rest: &str,
        invoked: Nanoseconds,
        returned: Nanoseconds,
    ) -> Result<(), String> {
        let credential = credential(who)?;
        let (request, response) = rest.split_once("=>").ok_or("`=>` and the response")?;
        let (name, arguments) = request.trim().split_once(' ').unwrap_or((request.trim(), ""));
        let operation: Operation = name.parse().map_err(|error| format!("{error}"))?;
        self.calls += 1;
        let mut invocation = Invocation {
            call: CallId(self.calls),
            scenario: "test".into(),
            actor: who.split('[').next().unwrap_or(who).into(),
            operation: Some(operation),
            credential,
            method: operation.spec().method.as_str().to_owned(),
            path: String::new(),
            path_parameters: Vec::new(),
            query: Vec::new(),
            content_type: None,
            body: None,
            attempt: 1,
        };
        let (words, body) = match arguments.find(['{', '"']) {
            Some(start) => arguments.split_at(start),
            None => (arguments, ""),
        };
        for word in words.split_whitespace() {
            let word = substitute(word);
            if let Some(query) = word.strip_prefix('?') {
                invocation.query = query
                    .split('&')
                    .map(|pair| {
                        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                        (key.to_owned(), value.to_owned())
                    })
                    .collect();
            } else {
                invocation.path_parameters.push(word);
            }
        }
        let parameters: Vec<_> = invocation.path_parameters.iter().map(String::as_str).collect();
        invocation.path = operation.spec().path_with(&parameters);
        if !body.is_empty() {
            invocation.content_type = Some("application/json".to_owned());
            invocation.body = Some(expand(body)?.into());
        }
        let call = invocation.call;
        self.events.push((invoked, EventKind::Invoked(invocation)));

        let response = response.trim();
        let (status, body) = response.split_once(' ').unwrap_or((response, ""));
        match status {
            "?" => {}
            "!" | "late" => {
                let maybe_done = status == "late";
                let error = if maybe_done { "timed out" } else { "refused" }.to_owned();
                self.events.push((returned, EventKind::Failed { call, error, maybe_done }));
            }
            _ => self.events.push((
                returned,
                EventKind::Returned {
                    call,
                    status: status.parse().map_err(|_| "a status, `?`, `!` or `late`")?,
                    content_type: Some("application/json".to_owned()),
                    throttled_s: None,
                    body: expand(body)?.into(),
                    truncated: false,
                },
            )),
        }
        Ok(())
    }

    fn socket(
        &mut self,
        who: &str,
        rest: &str,
        invoked: Nanoseconds,
        at: Nanoseconds,
    ) -> Result<(), String> {
        let (label, room) = who.split_once('@').ok_or("actor@room")?;
        let actor = label.split(['[', '/']).next().unwrap_or(label);
        let (verb, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        if matches!(verb, "open" | "mute-open" | "refused" | "throttled" | "unanswered") {
            let connection = ConnectionId(self.connections.len() as u64 + 1);
            self.connections.insert(who.to_owned(), connection);
            self.events.push((
                if verb == "unanswered" { invoked } else { at },
                EventKind::Connecting {
                    connection,
                    scenario: "test".into(),
                    actor: actor.into(),
                    credential: credential(label.split('/').next().unwrap_or(label))?,
                    room: id(room),
                },
            ));
            if matches!(verb, "refused" | "throttled" | "unanswered") {
                let status = rest.parse().ok();
                let throttled_s = (verb == "throttled").then_some(1.0);
                let error = verb.to_owned();
                self.events.push((
                    at,
                    EventKind::ConnectFailed { connection, status, throttled_s, error },
                ));
                return Ok(());
            }
            self.events.push((at, EventKind::Connected { connection }));
            if verb == "open" {
                let user_id =
                    ACTORS.iter().position(|name| *name == actor).map_or(0, |index| index + 1);
                let overrides = format!(
                    r#"@connection_established {{"room_id": "{}", "user_id": {user_id}, "username": "{actor}", "unread_count": 0}}"#,
                    id(room)
                );
                let frame = expand(&overrides)?.into();
                self.events.push((at, EventKind::Received { connection, frame }));
            }
            return Ok(());
        }
        let connection = *self.connections.get(who).ok_or("a connection that was opened before")?;
        let kind = match verb {
            "->" => EventKind::Sent { connection, frame: frame(rest)? },
            "<-" => EventKind::Received { connection, frame: frame(rest)? },
            "break" => {
                let (by, reason) = (CloseOrigin::Broken, rest.to_owned());
                EventKind::Closed { connection, by, code: None, reason }
            }
            "close" => {
                let code = rest.parse().ok();
                let by = if code.is_some() { CloseOrigin::Server } else { CloseOrigin::Client };
                EventKind::Closed { connection, by, code, reason: String::new() }
            }
            _ => {
                return Err(format!(
                    "`{verb}` is not open, mute-open, refused, throttled, unanswered, ->, <-, break or close"
                ));
            }
        };
        self.events.push((at, kind));
        Ok(())
    }
}

/// A frame's text; `raw …` is kept as it stands, `binary …` as bytes.
fn frame(text: &str) -> Result<Payload, String> {
    if let Some(raw) = text.strip_prefix("raw ") {
        return Ok(raw.into());
    }
    if let Some(bytes) = text.strip_prefix("binary ") {
        return Ok(Payload::binary(bytes.as_bytes()));
    }
    expand(text).map(Payload::from)
}

fn parse_times(text: &str) -> Result<(Nanoseconds, Nanoseconds), String> {
    let times = text.split_once("..").and_then(|(from, to)| {
        Some((from.trim().parse::<u64>().ok()?, to.trim().parse::<u64>().ok()?))
    });
    let (from, to) = times.ok_or("times are [from..to] in milliseconds")?;
    Ok((from * MILLISECOND, to * MILLISECOND))
}

fn credential(who: &str) -> Result<Credential, String> {
    let (actor, kind) = match who.split_once('[') {
        Some((actor, kind)) => (actor, kind.trim_end_matches(']')),
        None => (who, "access"),
    };
    let kind: CredentialKind = serde_json::from_value(Value::from(kind))
        .map_err(|_| format!("`{kind}` is no kind of credential"))?;
    Ok(Credential { kind, of: actor.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use hearback_history::FrameDirection;
    use hearback_history::Outcome;

    #[test]
    fn a_call_has_request_and_response() {
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
        assert_eq!(get.interval().invoked, 7 * MILLISECOND);
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
    fn a_socket_has_frames_and_an_end() {
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
        assert_eq!(bob.room, id("r1"));
        assert_eq!(bob.frames.len(), 3);
        assert_eq!(bob.frames[1].direction, FrameDirection::Sent);
        assert!(bob.frames[1].json().is_none());
        assert_eq!(bob.closed.as_ref().unwrap().by, CloseOrigin::Server);
        assert!(history.connections[1].established().is_none());
        assert!(matches!(history.calls[0].outcome, Outcome::Failed { .. }));
    }

    #[test]
    fn a_mistake_names_its_line() {
        let error = parse("\nalice rooms.fly => 200").unwrap_err();
        assert_eq!(error.line, 2);
        assert!(error.to_string().contains("rooms.fly"));
    }
}
