//! A live timeline of scenarios: one lane per actor, one line per event.

use std::collections::HashMap;

use hearback_history::escape::escape;
use hearback_history::{
    ActorName, Attempt, CallId, CloseOrigin, ConnectionId, Credential, CredentialKind, Event,
    EventKind, ExpectationResult, Nanoseconds, Payload, ScenarioEnd, ScenarioName, Sink,
};
use serde_json::Value;

use crate::Style;

/// Width of the time column.
const TIME: usize = 11;

/// Minimum width of a lane, in columns; more actors make wider lines.
const NARROWEST: usize = 22;

/// Longest text of a message that is shown, in characters.
const LONGEST_TEXT: usize = 40;

/// The line above the calls of an audit and of the cleanup after it.
const AUDIT: &str = "audit: the actors read every view of the rooms, which are then archived";

/// Renders the events of scenarios as they happen.
pub struct Trace<P> {
    style: Style,
    print: P,
    /// The running scenario, and when it started.
    scenario: Option<(ScenarioName, Nanoseconds)>,
    /// The actors of the scenario, in their order.
    lanes: Vec<ActorName>,
    calls: HashMap<CallId, (usize, String)>,
    /// True during the audit of the running scenario, whose calls take one line each.
    is_audit: bool,
    /// Lane and label of every connection.
    connections: HashMap<ConnectionId, (usize, String)>,
}

impl<P> Trace<P> {
    /// A timeline whose lines are passed to `print`.
    pub fn new(style: Style, print: P) -> Self {
        Self {
            style,
            print,
            scenario: None,
            lanes: Vec::new(),
            calls: HashMap::new(),
            is_audit: false,
            connections: HashMap::new(),
        }
    }

    fn begin(
        &mut self,
        scenario: &ScenarioName,
        cast: &[(String, ActorName)],
        at: Nanoseconds,
    ) -> String {
        self.scenario = Some((scenario.clone(), at));
        self.lanes = cast.iter().map(|(_, actor)| actor.clone()).collect();
        self.calls.clear();
        self.is_audit = false;
        self.connections.clear();
        let heads = cast.iter().map(|(role, actor)| match role == actor.as_str() {
            true => role.clone(),
            false => format!("{role} ({actor})"),
        });
        let width = self.width();
        let heads: String = heads.map(|head| padded(&head, width)).collect();
        format!("\n{scenario}\n{}", format!("{:TIME$}{heads}", "ms").trim_end())
    }

    fn width(&self) -> usize {
        (self.style.width.saturating_sub(TIME) / self.lanes.len().max(1)).max(NARROWEST)
    }

    fn lane(&self, actor: &ActorName) -> Option<usize> {
        self.lanes.iter().position(|lane| lane == actor)
    }

    fn is_current(&self, scenario: &ScenarioName) -> bool {
        self.scenario.as_ref().is_some_and(|(current, _)| current == scenario)
    }

    /// The lane of an event, and its text.
    fn cell(&mut self, kind: &EventKind) -> Option<(usize, String)> {
        match kind {
            EventKind::Invoked(invocation) if self.is_current(&invocation.scenario) => {
                let lane = self.lane(&invocation.actor)?;
                let what = match invocation.operation {
                    Some(operation) => operation.id().to_owned(),
                    None => format!("{} {}", invocation.method, invocation.path),
                };
                let request = format!("→ {what}{}", shown_as(&invocation.credential));
                if self.is_audit {
                    self.calls.insert(invocation.call, (lane, format!("{request} ")));
                    return None;
                }
                self.calls.insert(invocation.call, (lane, String::new()));
                Some((lane, request))
            }
            EventKind::Returned { call, status, throttled_s, .. } => {
                let throttled = if throttled_s.is_some() { " throttled" } else { "" };
                let (lane, request) = self.calls.remove(call)?;
                Some((lane, format!("{request}← {status}{throttled}")))
            }
            EventKind::Failed { call, error, .. } => {
                let (lane, request) = self.calls.remove(call)?;
                Some((lane, format!("{request}← no response: {error}")))
            }
            EventKind::Excused { attempt: Attempt::Connection(connection), reason } => {
                let (lane, label) = self.connections.get(connection)?;
                Some((*lane, format!("«{label} not checked: {reason}")))
            }
            EventKind::Connecting { connection, scenario, actor, credential, .. }
                if self.is_current(scenario) =>
            {
                let lane = self.lane(actor)?;
                let earlier = self.connections.values().filter(|(other, _)| *other == lane).count();
                let label = if earlier == 0 { String::new() } else { format!("[{}]", earlier + 1) };
                let text = format!("»{label} connect{}", shown_as(credential));
                self.connections.insert(*connection, (lane, label));
                Some((lane, text))
            }
            EventKind::ConnectFailed { connection, status, throttled_s, error } => {
                let (lane, label) = self.connections.get(connection)?;
                let why = status.map_or_else(|| error.clone(), |status| status.to_string());
                let outcome = if throttled_s.is_some() { "throttled" } else { "rejected" };
                Some((*lane, format!("«{label} {outcome}: {why}")))
            }
            EventKind::Sent { connection, frame } => {
                let (lane, label) = self.connections.get(connection)?;
                Some((*lane, format!("»{label} {}", summary(frame))))
            }
            EventKind::Received { connection, frame } => {
                let (lane, label) = self.connections.get(connection)?;
                Some((*lane, format!("«{label} {}", summary(frame))))
            }
            EventKind::Probed { connection, probe } => {
                let (lane, label) = self.connections.get(connection)?;
                Some((*lane, format!("»{label} probe {probe}")))
            }
            EventKind::Closed { connection, by, code, reason } => {
                let (lane, label) = self.connections.get(connection)?;
                let code = code.map_or_else(String::new, |code| format!(" {code}"));
                let text = match by {
                    CloseOrigin::Client => format!("»{label} close"),
                    CloseOrigin::Server => format!("«{label} close{code}"),
                    CloseOrigin::Broken | CloseOrigin::InvalidText | CloseOrigin::InvalidFrame => {
                        format!("«{label} broken: {reason}")
                    }
                };
                Some((*lane, text))
            }
            EventKind::ExpectationChecked(expected) if self.is_current(&expected.scenario) => {
                Some((self.lane(&expected.actor)?, expectation(expected)))
            }
            _ => None,
        }
    }

    /// The time column: milliseconds since the scenario began.
    fn time(&self, at: Nanoseconds) -> String {
        let began = self.scenario.as_ref().map_or(Nanoseconds::ZERO, |(_, began)| *began);
        let elapsed = at.saturating_sub(began).get();
        let milliseconds = format!("{}.{}", elapsed / 1_000_000, elapsed / 100_000 % 10);
        format!("{milliseconds:<TIME$}")
    }

    fn line(&self, at: Nanoseconds, lane: usize, text: &str) -> String {
        let width = self.width();
        // The last lane has space to the right.
        let longest = if lane + 1 == self.lanes.len() { width * 3 } else { width - 2 };
        let mut text = escape(text, longest);
        if self.style.color && text.starts_with('✗') {
            text = format!("\x1b[31m{text}\x1b[0m");
        }
        format!("{}{}{text}", self.time(at), " ".repeat(width * lane))
    }
}

impl<P: FnMut(&str) + Send> Sink for Trace<P> {
    fn accept(&mut self, event: &Event) {
        let line = match &event.kind {
            EventKind::ScenarioStarted { scenario, actors, .. } => {
                Some(self.begin(scenario, actors, event.at))
            }
            EventKind::AuditStarted { scenario } if self.is_current(scenario) => {
                self.is_audit = true;
                Some(format!("{}{AUDIT}", self.time(event.at)))
            }
            EventKind::ScenarioEnded { end, .. } => {
                self.scenario = None;
                let line = |word: &str, reason: &str| format!("{word}: {}", escape(reason, 200));
                match end {
                    ScenarioEnd::Completed => None,
                    ScenarioEnd::Interrupted => Some(line("stopped", "the run was interrupted")),
                    ScenarioEnd::Aborted { reason } => Some(line("stopped", reason)),
                    ScenarioEnd::Skipped { reason } => Some(line("skipped", reason)),
                }
            }
            kind => self.cell(kind).map(|(lane, text)| self.line(event.at, lane, &text)),
        };
        if let Some(line) = line {
            (self.print)(&line);
        }
    }
}

/// The kind of the token, unless it is an ordinary access token.
fn shown_as(credential: &Credential) -> String {
    if credential.kind == CredentialKind::Access {
        return String::new();
    }
    let name = serde_json::to_value(credential.kind).unwrap_or_default();
    format!(" as {}", name.as_str().unwrap_or_default())
}

fn expectation(expected: &ExpectationResult) -> String {
    if expected.holds {
        return format!("✓ step {}", expected.step);
    }
    let actual = expected.actual.as_deref().unwrap_or("nothing");
    format!("✗ step {}: {}, not {actual}", expected.step, expected.expected)
}

/// The type of a frame, and its text if it has one.
fn summary(frame: &Payload) -> String {
    let Some(text) = frame.as_text() else { return "(binary)".to_owned() };
    let Ok(event) = serde_json::from_str::<Value>(text) else { return escape(text, LONGEST_TEXT) };
    let Some(kind) = event.get("type").and_then(Value::as_str) else {
        return escape(text, LONGEST_TEXT);
    };
    let said = event.pointer("/message/content").or(event.get("message")).and_then(Value::as_str);
    match said {
        Some(said) => format!("{kind} \"{}\"", escape(said, LONGEST_TEXT)),
        None => kind.to_owned(),
    }
}

fn padded(text: &str, width: usize) -> String {
    let text = escape(text, width.saturating_sub(2));
    format!("{text:width$}")
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use hearback_contract::Operation;
    use hearback_history::Invocation;

    use super::*;

    fn trace() -> Trace<impl FnMut(&str)> {
        let mut trace = Trace::new(Style { width: 80, ..Style::default() }, |_: &str| {});
        let cast = [("alice".to_owned(), "alice".into()), ("bob".to_owned(), "dave".into())];
        assert_eq!(
            trace.begin(&"x/y".into(), &cast, Nanoseconds::from_millis(1)),
            format!("\nx/y\n{:11}{:34}bob (dave)", "ms", "alice")
        );
        trace
    }

    #[test]
    fn actors_have_lanes_and_connections_have_labels() {
        let mut trace = trace();
        for (n, label) in [(1, ""), (2, "[2]")] {
            let connecting = EventKind::Connecting {
                connection: ConnectionId(n),
                scenario: "x/y".into(),
                actor: "dave".into(),
                credential: Credential { kind: CredentialKind::Tampered, owner: "dave".into() },
                room: "r".into(),
            };
            let cell = trace.cell(&connecting).unwrap();
            assert_eq!(cell, (1, format!("»{label} connect as tampered")));
        }
        let frame = Payload::from(r#"{"type": "chat_message", "message": {"content": "hi"}}"#);
        let received = EventKind::Received { connection: ConnectionId(2), frame };
        let (lane, text) = trace.cell(&received).unwrap();
        assert_eq!(text, "«[2] chat_message \"hi\"");
        assert_eq!(
            trace.line(Nanoseconds::new(3_450_000), lane, &text),
            format!("{:<11}{:34}{text}", "2.4", "")
        );
    }

    #[test]
    fn a_call_of_the_audit_takes_one_line() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let shown = lines.clone();
        let style = Style { width: 80, ..Style::default() };
        let mut trace =
            Trace::new(style, move |line: &str| shown.lock().unwrap().push(line.to_owned()));
        let cast = vec![("alice".to_owned(), "alice".into())];
        let call = |n, status| {
            let invoked = Invocation {
                call: CallId(n),
                scenario: "x/y".into(),
                actor: "alice".into(),
                operation: Some(Operation::RoomsStats),
                credential: Credential { kind: CredentialKind::Access, owner: "alice".into() },
                method: "GET".to_owned(),
                path: String::new(),
                path_parameters: Vec::new(),
                query: Vec::new(),
                content_type: None,
                body: None,
                attempt: 1,
            };
            let returned = EventKind::Returned {
                call: CallId(n),
                status,
                content_type: None,
                headers: Vec::new(),
                throttled_s: None,
                body: Payload::from("{}"),
                truncated: false,
            };
            [EventKind::Invoked(Arc::new(invoked)), returned]
        };
        let scenario = || "x/y".into();
        let started =
            EventKind::ScenarioStarted { scenario: scenario(), actors: cast, requirements: None };
        let audit = EventKind::AuditStarted { scenario: scenario() };
        let [first, second] = [call(1, 200), call(2, 403)];
        let events = [started].into_iter().chain(first).chain([audit]).chain(second);
        for (kind, seq) in events.zip(0..) {
            trace.accept(&Event { seq, at: Nanoseconds::from_millis(seq), kind });
        }
        insta::assert_snapshot!(lines.lock().unwrap().join("\n"));
    }

    #[test]
    fn text_of_the_target_is_escaped() {
        let mut trace = trace();
        trace.connections.insert(ConnectionId(1), (0, String::new()));
        let frame = Payload::from("\x1b[2J\r\nnot json");
        let (lane, text) =
            trace.cell(&EventKind::Received { connection: ConnectionId(1), frame }).unwrap();
        let line = trace.line(Nanoseconds::ZERO, lane, &text);
        assert!(!line.contains(char::is_control), "{line:?}");
        let message = Payload::from(r#"{"type": "\u001b[31m", "message": "\u202eabc"}"#);
        let (lane, text) =
            trace.cell(&EventKind::Sent { connection: ConnectionId(1), frame: message }).unwrap();
        let line = trace.line(Nanoseconds::ZERO, lane, &text);
        assert!(!line.contains(['\x1b', '\u{202e}']), "{line:?}");
    }

    #[test]
    fn events_of_other_scenarios_are_hidden() {
        let mut trace = trace();
        let connecting = EventKind::Connecting {
            connection: ConnectionId(1),
            scenario: "preflight".into(),
            actor: "alice".into(),
            credential: Credential { kind: CredentialKind::Access, owner: "alice".into() },
            room: "r".into(),
        };
        assert_eq!(trace.cell(&connecting), None);
    }
}
