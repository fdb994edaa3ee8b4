//! Writes steps on one line each.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::flow::{Flow, text, value};
use super::{Writer, expectation};
use crate::payload;
use crate::step::{Action, Call, FileSource, Outgoing, Step};

impl<'s> Writer<'s> {
    /// A step on one line, including nested steps.
    pub(super) fn plain(&self, action: &'s Action) -> Flow {
        match action {
            Action::Call(it) => call(it, it.operation.id()),
            Action::Walk { call: it, between } => {
                let mut flow = call(it, "walk");
                if !between.is_empty() {
                    flow.entry("between", self.nested(between));
                }
                flow
            }
            Action::Fetch { actor, url, credential, expect } => {
                let mut flow = step(actor, "fetch");
                flow.entry("url", text(url));
                flow.optional("as", credential.as_deref().map(text));
                expect.iter().for_each(|it| expectation::add(&mut flow, "expect", it));
                flow
            }
            Action::Request { actor, method, operation, at, query } => {
                let mut flow = step(actor, "request");
                flow.entry("method", text(method));
                flow.entry("operation", operation.id());
                flow.optional("at", at.as_deref().map(text));
                if !query.is_empty() {
                    flow.entry("query", pairs(query));
                }
                flow
            }
            Action::Connect {
                actor,
                socket,
                room,
                credential,
                origin,
                offers_compression,
                expect,
            } => {
                let mut flow = step(actor, "connect");
                flow.optional("socket", (socket != actor).then(|| text(socket)));
                flow.optional("room", (room != "{room.id}").then(|| text(room)));
                flow.optional("origin", origin.as_deref().map(text));
                flow.optional("compression", offers_compression.then(|| "true".to_owned()));
                flow.optional("as", credential.as_deref().map(text));
                expect.iter().for_each(|it| expectation::add(&mut flow, "expect", it));
                flow
            }
            Action::Reconnect { socket, credential, expect } => {
                let mut flow = self.on(socket, "reconnect");
                flow.optional("as", credential.as_deref().map(text));
                expect.iter().for_each(|it| expectation::add(&mut flow, "expect", it));
                flow
            }
            Action::Disconnect { socket } => self.on(socket, "disconnect"),
            Action::Send { socket, frame } => self.frame(socket, frame),
            Action::Say { socket, text: message, reply_to, save } => {
                let mut flow = self.on(socket, "say");
                flow.entry("text", text(message));
                flow.optional("reply_to", reply_to.as_deref().map(text));
                flow.optional("save", save.as_deref().map(text));
                flow
            }
            Action::Probe { socket, probe } => {
                let mut flow = self.on(socket, "probe");
                flow.entry("kind", probe);
                flow
            }
            Action::Pause(duration) => {
                let mut flow = Flow::default();
                flow.entry("pause", time(*duration));
                flow
            }
            Action::Until { time: moment, within } => {
                let mut flow = Flow::default();
                flow.entry("until", text(moment));
                flow.entry("within", time(*within));
                flow
            }
            Action::Fence { socket } => self.on(socket, "fence"),
            Action::Expect { socket, event, expectation, save } => {
                let mut flow = self.on(socket, "expect");
                flow.entry("event", event.id());
                expectation::add(&mut flow, "where", expectation);
                flow.optional("save", save.as_deref().map(text));
                flow
            }
            Action::ExpectNothing { socket, event, expectation } => {
                let mut flow = self.on(socket, "expect-nothing");
                flow.entry("event", event.id());
                expectation::add(&mut flow, "where", expectation);
                flow
            }
            Action::Await { socket, event, fields } => {
                let mut flow = self.on(socket, "await");
                flow.entry("event", event.id());
                let is_empty = fields.as_object().is_some_and(serde_json::Map::is_empty);
                flow.optional("fields", (!is_empty).then(|| value(fields)));
                flow
            }
            Action::For { variable, values, steps } => {
                let mut each = Flow::default();
                each.entry(variable, value(values));
                self.nesting("for", each.to_string(), steps)
            }
            Action::Repeat { count, steps } => self.nesting("repeat", count.to_string(), steps),
            Action::AnyOf(steps) => {
                let mut flow = Flow::default();
                flow.entry("any-of", self.nested(steps));
                flow
            }
            Action::Parallel(branches) => {
                let branches: Vec<_> = branches.iter().map(|branch| self.nested(branch)).collect();
                let mut flow = Flow::default();
                flow.entry("parallel", format!("[{}]", branches.join(", ")));
                flow
            }
        }
    }

    fn nesting(&self, key: &str, written: String, steps: &'s [Step]) -> Flow {
        let mut flow = Flow::default();
        flow.entry(key, written);
        flow.entry("do", self.nested(steps));
        flow
    }

    /// Steps on one line.
    fn nested(&self, steps: &'s [Step]) -> String {
        let steps: Vec<_> = steps.iter().map(|step| self.plain(&step.action).to_string()).collect();
        format!("[{}]", steps.join(", "))
    }

    /// An action of the owner of a socket.
    fn on(&self, socket: &'s str, name: &str) -> Flow {
        let owner = self.owner(socket);
        let mut flow = step(owner, name);
        flow.optional("socket", (socket != owner).then(|| text(socket)));
        flow
    }

    fn frame(&self, socket: &'s str, frame: &Outgoing) -> Flow {
        let event = match frame {
            Outgoing::Event(event) => event,
            Outgoing::Text(it) | Outgoing::Binary(it) => {
                let mut flow = self.on(socket, "send");
                let is_text = matches!(frame, Outgoing::Text(_));
                flow.entry(if is_text { "text" } else { "binary" }, text(it));
                return flow;
            }
        };
        let members: Vec<_> = event.as_object().into_iter().flatten().collect();
        let kind = event.get("type").and_then(Value::as_str);
        match (kind, &members[..]) {
            (Some("typing"), [_, (name, is_typing)])
                if *name == "is_typing" && is_typing.is_boolean() =>
            {
                let mut flow = self.on(socket, "typing");
                flow.optional("is_typing", (**is_typing == false).then(|| value(is_typing)));
                flow
            }
            (Some("read_receipt"), [_, (name, Value::String(message))])
                if *name == "message_id" && payload::event_deviations(event).is_empty() =>
            {
                let mut flow = self.on(socket, "read_receipt");
                flow.entry("message", text(message));
                flow
            }
            (Some("mark_room_read"), [_]) => self.on(socket, "mark_room_read"),
            _ => {
                let mut flow = self.on(socket, "send");
                // Only mappings parse as events; other JSON is equivalent to its text.
                match event.is_object() {
                    true => {
                        flow.entry("event", value(event));
                        let is_invalid = !payload::event_deviations(event).is_empty();
                        flow.optional("allow_invalid", is_invalid.then(|| "true".to_owned()));
                    }
                    false => flow.entry("text", text(&event.to_string())),
                }
                flow
            }
        }
    }
}

fn step(actor: &str, name: &str) -> Flow {
    let mut flow = Flow::default();
    flow.entry(actor, name);
    flow
}

/// A time as the language writes it.
fn time(duration: Duration) -> String {
    match duration.subsec_millis() {
        0 => format!("{}s", duration.as_secs()),
        _ => format!("{}ms", duration.as_millis()),
    }
}

fn pairs(query: &[(String, Value)]) -> Flow {
    let mut flow = Flow::default();
    for (name, it) in query {
        flow.entry(name, value(it));
    }
    flow
}

fn call(call: &Call, name: &str) -> Flow {
    let mut flow = step(&call.actor, name);
    flow.optional("at", call.at.as_deref().map(text));
    if !call.query.is_empty() {
        flow.entry("query", pairs(&call.query));
    }
    flow.optional("body", call.body.as_ref().map(value));
    if let Some((content_type, raw)) = &call.raw {
        flow.entry("raw", text(raw));
        flow.optional(
            "content_type",
            (content_type != "application/json").then(|| text(content_type)),
        );
    }
    if let Some((fields, file)) = &call.form {
        flow.entry("form", value(fields));
        flow.entry("file", file_source(file));
    }
    flow.optional("allow_invalid", payload::deviates(call).then(|| "true".to_owned()));
    flow.optional("as", call.credential.as_deref().map(text));
    flow.optional("save", call.save.as_deref().map(text));
    call.expect.iter().for_each(|it| expectation::add(&mut flow, "expect", it));
    flow
}

/// Number of zero bytes at the end of a file from which on they are written as its size.
const LONG_FILLING: usize = 100;

fn file_source(file: &FileSource) -> Flow {
    let mut flow = Flow::default();
    flow.entry("name", text(&file.name));
    flow.entry("content_type", text(&file.content_type));
    let filling = file.bytes.iter().rev().take_while(|byte| **byte == 0).count();
    let is_filled = filling >= LONG_FILLING;
    let bytes = if is_filled { &file.bytes[..file.bytes.len() - filling] } else { &file.bytes[..] };
    match std::str::from_utf8(bytes) {
        Ok(it) => flow.entry("text", text(it)),
        Err(_) => flow.entry("base64", text(&STANDARD.encode(bytes))),
    }
    flow.optional("size", is_filled.then(|| file.bytes.len().to_string()));
    flow
}
