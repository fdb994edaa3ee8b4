//! The traffic of a run as HAR 1.2, for browsers and other tools: one page per scenario, one entry per request, and
//! sockets in the form of Chrome (`_webSocketMessages`).
//!
//! Everything is as redacted as the journal: passwords and tokens are not part of it.

use std::collections::HashMap;

use hearback_history::{
    CallId, ConnectionId, Credential, CredentialKind, Event, EventKind, Invocation, Nanoseconds,
    Payload, RunStart, ScenarioName,
};
use hearback_results::address::{request_url, sent_query, socket_url};
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// Protocol of requests whose protocol is not recorded.
const HTTP: &str = "HTTP/1.1";

/// Opcodes of text and binary frames (RFC 6455).
const TEXT: u8 = 1;
const BINARY: u8 = 2;

/// The traffic of the scenarios that `is_selected`, in the order of the requests.
pub fn har(events: &[Event], is_selected: impl Fn(&ScenarioName) -> bool) -> Value {
    let mut log = Log::default();
    for event in events {
        log.add(event, &is_selected);
    }
    json!({
        "log": {
            "version": "1.2",
            "creator": { "name": "hearback", "version": env!("CARGO_PKG_VERSION") },
            "pages": log.pages,
            "entries": log.entries,
        },
    })
}

/// The entries so far, and where those are that later events complete.
#[derive(Default)]
struct Log<'e> {
    start: Option<&'e RunStart>,
    pages: Vec<Value>,
    entries: Vec<Value>,
    calls: HashMap<CallId, (usize, Nanoseconds)>,
    connections: HashMap<ConnectionId, (usize, Nanoseconds)>,
}

impl<'e> Log<'e> {
    fn add(&mut self, event: &'e Event, is_selected: &impl Fn(&ScenarioName) -> bool) {
        let at = event.at;
        match &event.kind {
            EventKind::RunStarted(start) => self.start = Some(start),
            EventKind::Invoked(invocation) if is_selected(&invocation.scenario) => {
                self.calls.insert(invocation.call, (self.entries.len(), at));
                let entry = self.request(invocation, at);
                self.entries.push(entry);
            }
            EventKind::Returned { call, status, content_type, headers, body, .. } => {
                let Some((entry, begun)) = self.open_call(*call) else { return };
                let kind = content_type.iter().map(|kind| ("content-type", kind.as_str()));
                let others = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                let headers: Vec<_> = kind.chain(others).map(pair).collect();
                let mime = content_type.as_deref().unwrap_or_default();
                entry["response"] = response(*status, headers, content(body, mime));
                end(entry, begun, at);
            }
            EventKind::Failed { call, error, .. } => {
                let Some((entry, begun)) = self.open_call(*call) else { return };
                entry["response"]["_error"] = json!(error);
                end(entry, begun, at);
            }
            EventKind::Connecting { connection, scenario, actor, credential, room }
                if is_selected(scenario) =>
            {
                self.connections.insert(*connection, (self.entries.len(), at));
                let mut url = socket_url(self.start, room.as_str());
                let token = token(credential);
                if let Some(token) = &token {
                    let separator = if url.contains('?') { '&' } else { '?' };
                    let token = utf8_percent_encode(token, NON_ALPHANUMERIC);
                    url.push_str(&format!("{separator}token={token}"));
                }
                let query = token.iter().map(|token| pair(("token", token))).collect();
                let mut entry = self.entry(scenario, actor.as_str(), "GET", url, query, at);
                entry["_resourceType"] = json!("websocket");
                entry["_webSocketMessages"] = json!([]);
                self.entries.push(entry);
            }
            EventKind::Connected { connection } => {
                let Some((entry, begun)) = self.open_connection(*connection) else { return };
                entry["response"] = response(101, Vec::new(), content(&"".into(), ""));
                end(entry, begun, at);
            }
            EventKind::ConnectFailed { connection, status, error, .. } => {
                let Some((entry, begun)) = self.open_connection(*connection) else { return };
                let status = status.unwrap_or_default();
                entry["response"] = response(status, Vec::new(), content(&"".into(), ""));
                entry["response"]["_error"] = json!(error);
                end(entry, begun, at);
            }
            EventKind::Sent { connection, frame } => self.frame(*connection, "send", frame, at),
            EventKind::Received { connection, frame } => {
                self.frame(*connection, "receive", frame, at);
            }
            _ => {}
        }
    }

    fn open_call(&mut self, call: CallId) -> Option<(&mut Value, Nanoseconds)> {
        let (index, begun) = *self.calls.get(&call)?;
        Some((self.entries.get_mut(index)?, begun))
    }

    fn open_connection(&mut self, id: ConnectionId) -> Option<(&mut Value, Nanoseconds)> {
        let (index, begun) = *self.connections.get(&id)?;
        Some((self.entries.get_mut(index)?, begun))
    }

    fn frame(&mut self, connection: ConnectionId, kind: &str, frame: &Payload, at: Nanoseconds) {
        let seconds = self.time(at).as_nanosecond() as f64 / 1e9;
        let (opcode, data) = match frame {
            Payload::Text(text) => (TEXT, text),
            Payload::Base64(base64) => (BINARY, base64),
        };
        let message =
            json!({ "type": kind, "time": seconds, "opcode": opcode, "data": data.as_ref() });
        let Some((entry, _)) = self.open_connection(connection) else { return };
        if let Some(messages) = entry["_webSocketMessages"].as_array_mut() {
            messages.push(message);
        }
    }

    /// The time of day of a time of the run.
    fn time(&self, at: Nanoseconds) -> Timestamp {
        let started = self.start.and_then(|start| start.started_at.parse::<Timestamp>().ok());
        let started = started.unwrap_or(Timestamp::UNIX_EPOCH);
        let since = SignedDuration::from_nanos(i64::try_from(at.get()).unwrap_or_default());
        started.checked_add(since).unwrap_or(started)
    }

    fn request(&mut self, invocation: &Invocation, at: Nanoseconds) -> Value {
        let Invocation { method, credential, content_type, body, .. } = invocation;
        let query = sent_query(invocation).map(pair).collect();
        let url = request_url(self.start, invocation);
        let actor = invocation.actor.as_str();
        let mut entry = self.entry(&invocation.scenario, actor, method, url, query, at);
        let bearer = token(credential).map(|token| format!("Bearer {token}"));
        let headers = bearer.iter().map(|bearer| ("authorization", bearer.as_str()));
        let kind = content_type.iter().map(|kind| ("content-type", kind.as_str()));
        entry["request"]["headers"] = headers.chain(kind).map(pair).collect();
        if let Some(body) = body {
            let mime = content_type.as_deref().unwrap_or_default();
            let text = content(body, mime);
            entry["request"]["postData"] = json!({ "mimeType": mime, "text": text["text"] });
            entry["request"]["bodySize"] = text["size"].clone();
        }
        entry
    }

    /// An entry without a response, and the page of its scenario.
    fn entry(
        &mut self,
        scenario: &ScenarioName,
        actor: &str,
        method: &str,
        url: String,
        query: Vec<Value>,
        at: Nanoseconds,
    ) -> Value {
        let started = self.time(at).to_string();
        if !self.pages.iter().any(|page| page["id"] == scenario.as_str()) {
            self.pages.push(json!({
                "startedDateTime": started,
                "id": scenario.as_str(),
                "title": scenario.as_str(),
                "pageTimings": {},
            }));
        }
        json!({
            "pageref": scenario.as_str(),
            "startedDateTime": started,
            "time": 0,
            "request": {
                "method": method,
                "url": url,
                "httpVersion": HTTP,
                "cookies": [],
                "headers": [],
                "queryString": query,
                "headersSize": -1,
                "bodySize": 0,
            },
            "response": response(0, Vec::new(), content(&"".into(), "")),
            "cache": {},
            "timings": { "send": 0, "wait": 0, "receive": 0 },
            "comment": actor,
        })
    }
}

/// The token of a request in words; `None` if it has none.
fn token(credential: &Credential) -> Option<String> {
    let kind = serde_json::to_value(credential.kind).unwrap_or_default();
    let kind = kind.as_str().unwrap_or_default().replace('_', "-");
    let is_sent = credential.kind != CredentialKind::Anonymous;
    is_sent.then(|| format!("[{kind} token of {}]", credential.owner))
}

fn pair((name, value): (&str, impl AsRef<str>)) -> Value {
    json!({ "name": name, "value": value.as_ref() })
}

/// The `content` of a response: text as it is, and anything else in base64.
fn content(body: &Payload, mime: &str) -> Value {
    let size = body.to_bytes().len();
    match body {
        Payload::Text(text) => json!({ "size": size, "mimeType": mime, "text": text.as_ref() }),
        Payload::Base64(text) => {
            json!({ "size": size, "mimeType": mime, "text": text.as_ref(), "encoding": "base64" })
        }
    }
}

fn response(status: u16, headers: Vec<Value>, content: Value) -> Value {
    json!({
        "status": status,
        "statusText": "",
        "httpVersion": HTTP,
        "cookies": [],
        "headers": headers,
        "bodySize": content["size"],
        "content": content,
        "redirectURL": "",
        "headersSize": -1,
    })
}

/// Sets the duration of an entry.
fn end(entry: &mut Value, begun: Nanoseconds, ended: Nanoseconds) {
    let milliseconds = ended.saturating_sub(begun).as_secs_f64() * 1e3;
    entry["time"] = json!(milliseconds);
    entry["timings"]["wait"] = json!(milliseconds);
}

#[cfg(test)]
mod tests {
    use hearback_testkit::dsl;

    use super::*;
    use crate::fixtures;

    /// `reports/verify-formats.sh` reads the export with tools that know HAR.
    #[test]
    fn requests_and_sockets_become_entries_without_secrets() {
        let events = dsl::events(
            r#"
            [1..3] alice rooms.create {"room_type": "group"} => 201 @room {"id": "$r1"}
            [4..5] bob[anonymous] messages.list ?room=$r1&search=a%20b => ?
            [6..6] alice@r1 open
            [7..7] alice@r1 -> {"type": "typing", "is_typing": true}
            [8..8] alice@r1 <- raw text
            "#,
        )
        .unwrap();
        let export = har(&events, |_| true);
        fixtures::save("traffic.har", &export.to_string());
        let log = &export["log"];
        let entries = log["entries"].as_array().unwrap();
        let [creation, list, socket] = &entries[..] else { panic!("{log:#}") };
        assert_eq!(creation["request"]["method"], "POST");
        assert_eq!(creation["request"]["headers"][0]["value"], "Bearer [access token of alice]");
        assert_eq!(creation["request"]["postData"]["text"], r#"{"room_type": "group"}"#);
        assert_eq!(
            (&creation["response"]["status"], &creation["time"]),
            (&json!(201), &json!(2.0))
        );
        assert_eq!(list["request"]["headers"], json!([]));
        assert!(list["request"]["url"].as_str().unwrap().contains("&search=a%2520b"), "{list:#}");
        assert_eq!(list["response"]["status"], 0, "no response");
        assert_eq!(socket["response"]["status"], 101);
        assert_eq!(socket["_resourceType"], "websocket");
        let messages = socket["_webSocketMessages"].as_array().unwrap();
        let kinds: Vec<_> = messages.iter().map(|it| (&it["type"], &it["opcode"])).collect();
        assert!(kinds.contains(&(&json!("send"), &json!(1))), "{messages:#?}");
        assert_eq!(messages.last().unwrap()["data"], "text");
        assert_eq!(har(&events, |_| false)["log"]["entries"], json!([]));
    }
}
