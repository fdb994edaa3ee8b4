//! Parser of single lines.

use std::collections::HashMap;

use hearback_contract::{Operation, UserId};
use hearback_history::{
    Attempt, CallId, CloseOrigin, ConnectionId, Credential, CredentialKind, Event, EventKind,
    Invocation, Nanoseconds, Payload, RunStart,
};
use serde_json::Value;

use super::ACTORS;
use super::expansion::{expand, id, substitute};

const MILLISECOND: Nanoseconds = Nanoseconds::from_millis(1);

/// Events of the lines parsed so far.
pub(super) struct Parser {
    events: Vec<(Nanoseconds, EventKind)>,
    now: Nanoseconds,
    calls: u64,
    connections: HashMap<String, ConnectionId>,
}

impl Parser {
    /// A parser that starts with the events of a run and its actors.
    pub(super) fn new() -> Self {
        let start = RunStart {
            run: "test".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            specification: hearback_contract::SPECIFICATION_VERSION.to_owned(),
            target: "http://target.test/api".to_owned(),
            socket: "ws://target.test/ws".to_owned(),
            target_options: None,
            seed: 1,
            started_at: "2026-01-01T00:00:00Z".to_owned(),
            timeout_ms: 50,
            selection: Vec::new(),
            shard: None,
            depth: None,
            contract: None,
            host: None,
        };
        let start = (Nanoseconds::ZERO, EventKind::RunStarted(Box::new(start)));
        let actors = ACTORS.iter().zip(1..).map(|(actor, user_id)| {
            let user_id = Some(UserId::new(user_id));
            let username = Some((*actor).to_owned());
            let known = EventKind::ActorKnown { actor: (*actor).into(), user_id, username };
            (Nanoseconds::ZERO, known)
        });
        Self {
            events: [start].into_iter().chain(actors).collect(),
            now: Nanoseconds::ZERO,
            calls: 0,
            connections: HashMap::new(),
        }
    }

    /// The events, in order of time.
    pub(super) fn finish(mut self) -> impl Iterator<Item = Event> {
        self.events.sort_by_key(|(at, _)| *at);
        self.events.into_iter().zip(0..).map(|((at, kind), seq)| Event { seq, at, kind })
    }

    /// Parses a line.
    pub(super) fn line(&mut self, line: &str) -> Result<(), String> {
        if let Some(room) = line.strip_prefix("existing ") {
            let room = substitute(room).into();
            self.events.push((self.now, EventKind::ExistingRoomReturned { room }));
            return Ok(());
        }
        if let Some(millis) = line.strip_prefix("stalled ") {
            let millis = millis.parse().map_err(|error| format!("{millis}: {error}"))?;
            let lasted = Nanoseconds::from_millis(millis);
            self.events.push((self.now, EventKind::Stalled { lasted }));
            return Ok(());
        }
        let (times, line) = match line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((times, rest)) => (Some(parse_times(times)?), rest.trim()),
            None => (None, line),
        };
        let (invoked, returned) =
            times.unwrap_or((self.now + MILLISECOND, self.now + MILLISECOND * 2));
        self.now = self.now.max(returned);
        let (who, rest) =
            line.split_once(' ').ok_or("expected an actor and an operation or verb")?;
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
        let (request, response) = rest.split_once("=>").ok_or("expected `=>` and a response")?;
        let (name, arguments) = request.trim().split_once(' ').unwrap_or((request.trim(), ""));
        if name == "fetch" {
            return self.fetch(who, (arguments.trim(), response.trim()), invoked, returned);
        }
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
            } else if let Some(method) = word.strip_prefix("method:") {
                // A request with another method is not one of the operation.
                invocation.operation = None;
                invocation.method = method.to_owned();
            } else if let Some(content_type) = word.strip_prefix("as:") {
                invocation.content_type = Some(content_type.to_owned());
            } else {
                invocation.path_parameters.push(word);
            }
        }
        let parameters: Vec<_> = invocation.path_parameters.iter().map(String::as_str).collect();
        invocation.path = operation.spec().path_with(&parameters);
        if !body.is_empty() {
            invocation.content_type.get_or_insert_with(|| "application/json".to_owned());
            invocation.body = Some(expand(body)?.into());
        }
        let call = invocation.call;
        self.events.push((invoked, EventKind::Invoked(invocation.into())));

        let response = response.trim();
        let (staleness, response) = staleness(response)?;
        let (status, body) = response.split_once(' ').unwrap_or((response, ""));
        let (headers, body) = headers(body);
        match status {
            "?" => {}
            "excused" => {
                let reason = serde_json::from_value(Value::from(body.trim()))
                    .map_err(|_| "expected the reason of an excuse")?;
                let (content_type, body) = (None, "".into());
                let (headers, throttled_s, truncated) = (Vec::new(), None, false);
                self.events.push((
                    returned,
                    EventKind::Returned {
                        call,
                        status: 401,
                        content_type,
                        headers,
                        throttled_s,
                        body,
                        truncated,
                    },
                ));
                let attempt = Attempt::Call(call);
                self.events.push((returned, EventKind::Excused { attempt, reason }));
            }
            "!" | "late" => {
                let maybe_done = status == "late";
                let error = if maybe_done { "timed out" } else { "refused" }.to_owned();
                self.events.push((returned, EventKind::Failed { call, error, maybe_done }));
            }
            _ => self.events.push((
                returned,
                EventKind::Returned {
                    call,
                    status: status.parse().map_err(|_| "expected a status, `?`, `!` or `late`")?,
                    content_type: Some("application/json".to_owned()),
                    headers,
                    throttled_s: None,
                    body: expand(body)?.into(),
                    truncated: false,
                },
            )),
        }
        if let Some(by) = staleness {
            self.events.push((returned, EventKind::MayBeStale { call, by }));
        }
        Ok(())
    }

    /// A request for a file: its URL, and the status, the headers and the text of the response.
    fn fetch(
        &mut self,
        who: &str,
        (url, response): (&str, &str),
        invoked: Nanoseconds,
        returned: Nanoseconds,
    ) -> Result<(), String> {
        self.calls += 1;
        let call = CallId(self.calls);
        let invocation = Invocation {
            call,
            scenario: "test".into(),
            actor: who.split('[').next().unwrap_or(who).into(),
            operation: None,
            credential: credential(who)?,
            method: "GET".to_owned(),
            path: url.to_owned(),
            path_parameters: Vec::new(),
            query: Vec::new(),
            content_type: None,
            body: None,
            attempt: 1,
        };
        self.events.push((invoked, EventKind::Invoked(invocation.into())));
        let (status, rest) = response.split_once(' ').unwrap_or((response, ""));
        let (mut headers, body) = headers(rest);
        let content_type = headers.iter().position(|(name, _)| name == "content-type");
        let content_type = content_type.map(|index| headers.remove(index).1);
        let status = status.parse().map_err(|_| "expected a status")?;
        let (body, throttled_s, truncated) = (Payload::from(body), None, false);
        self.events.push((
            returned,
            EventKind::Returned {
                call,
                status,
                content_type,
                headers,
                throttled_s,
                body,
                truncated,
            },
        ));
        Ok(())
    }

    fn socket(
        &mut self,
        who: &str,
        rest: &str,
        invoked: Nanoseconds,
        at: Nanoseconds,
    ) -> Result<(), String> {
        let (label, room) = who.split_once('@').ok_or("expected actor@room")?;
        let actor = label.split(['[', '/']).next().unwrap_or(label);
        let (verb, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let (rest, origin) = rest.split_once("from ").map_or((rest, None), |(rest, origin)| {
            let is_opening = matches!(verb, "open" | "refused");
            if is_opening { (rest.trim(), Some(origin.to_owned())) } else { (rest, None) }
        });
        if matches!(
            verb,
            "open" | "mute-open" | "refused" | "throttled" | "unanswered" | "invalid-handshake"
        ) {
            let connection = ConnectionId(self.connections.len() as u64 + 1);
            self.connections.insert(who.to_owned(), connection);
            self.events.push((
                if verb == "unanswered" { invoked } else { at },
                EventKind::Connecting {
                    connection,
                    scenario: "test".into(),
                    actor: actor.into(),
                    credential: credential(label.split('/').next().unwrap_or(label))?,
                    room: id(room).into(),
                },
            ));
            if let Some(origin) = origin {
                self.events.push((at, EventKind::ForeignOrigin { connection, origin }));
            }
            if verb == "invalid-handshake" {
                let error = rest.to_owned();
                self.events.push((at, EventKind::HandshakeInvalid { connection, error }));
            }
            if matches!(verb, "refused" | "throttled" | "unanswered" | "invalid-handshake") {
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
        let connection = *self.connections.get(who).ok_or("the connection was not opened")?;
        let kind = match verb {
            "->" => EventKind::Sent { connection, frame: frame(rest)? },
            "<-" => EventKind::Received { connection, frame: frame(rest)? },
            "break" => {
                let (by, reason) = (CloseOrigin::Broken, rest.to_owned());
                EventKind::Closed { connection, by, code: None, reason }
            }
            "compression" => match rest {
                "offered" => EventKind::CompressionOffered { connection },
                _ => EventKind::CompressionAccepted { connection },
            },
            "probe" => {
                let (name, outcome) = rest.split_once(' ').unwrap_or((rest, ""));
                let probe = name.parse().map_err(|()| format!("unknown probe `{name}`"))?;
                self.events.push((invoked, EventKind::Probed { connection, probe }));
                if outcome.trim().is_empty() {
                    return Ok(());
                }
                let (outcome, code) =
                    outcome.trim().split_once(' ').unwrap_or((outcome.trim(), ""));
                let outcome = serde_json::from_value(Value::from(outcome))
                    .map_err(|_| "expected answered, ended or timed-out")?;
                EventKind::ProbeEnded { connection, outcome, code: code.parse().ok() }
            }
            "invalid-frame" => {
                let (by, reason) = (CloseOrigin::InvalidFrame, rest.to_owned());
                EventKind::Closed { connection, by, code: None, reason }
            }
            "invalid-text" => {
                let (by, reason) = (CloseOrigin::InvalidText, "not UTF-8".to_owned());
                EventKind::Closed { connection, by, code: None, reason }
            }
            "close" => {
                let code = rest.parse().ok();
                let by = if rest.is_empty() { CloseOrigin::Client } else { CloseOrigin::Server };
                EventKind::Closed { connection, by, code, reason: String::new() }
            }
            _ => {
                return Err(format!(
                    "unknown verb `{verb}`; expected open, mute-open, refused, throttled, unanswered, invalid-handshake, ->, <-, compression, probe, break, invalid-text, invalid-frame or close"
                ));
            }
        };
        self.events.push((at, kind));
        Ok(())
    }
}

/// The staleness before a response, `stale MILLIS`, and the response.
fn staleness(response: &str) -> Result<(Option<Nanoseconds>, &str), String> {
    let Some(rest) = response.strip_prefix("stale ") else { return Ok((None, response)) };
    let (millis, response) = rest.split_once(' ').ok_or("expected a response after `stale`")?;
    let millis = millis.parse().map_err(|error| format!("{millis}: {error}"))?;
    Ok((Some(Nanoseconds::from_millis(millis)), response))
}

/// Headers before a body, `<allow: GET; cache-control: private>`, and the body.
fn headers(rest: &str) -> (Vec<(String, String)>, &str) {
    let rest = rest.trim();
    match rest.strip_prefix('<').and_then(|it| it.split_once('>')) {
        Some((headers, body)) if headers.contains(':') => {
            let pairs = headers.split(';').filter_map(|header| header.split_once(':'));
            let pairs = pairs.map(|(name, value)| (name.trim().into(), value.trim().into()));
            (pairs.collect(), body.trim())
        }
        _ => (Vec::new(), rest),
    }
}

/// A frame: JSON, `raw TEXT` or `binary TEXT`.
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
    let times = text
        .split_once("..")
        .and_then(|(from, to)| Some((from.trim().parse().ok()?, to.trim().parse().ok()?)));
    let (from, to) = times.ok_or("expected [from..to] in milliseconds")?;
    Ok((Nanoseconds::from_millis(from), Nanoseconds::from_millis(to)))
}

fn credential(who: &str) -> Result<Credential, String> {
    let (actor, kind) = match who.split_once('[') {
        Some((actor, kind)) => (actor, kind.trim_end_matches(']')),
        None => (who, "access"),
    };
    let kind: CredentialKind = serde_json::from_value(Value::from(kind))
        .map_err(|_| format!("unknown credential `{kind}`"))?;
    Ok(Credential { kind, owner: actor.into() })
}
