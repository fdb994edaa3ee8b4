//! Ids that a script takes from responses and events.

use hearback_contract::Operation;
use hearback_history::{Call, Connection, Frame};
use serde_json::Value;

use super::step::{Plan, Step, Traffic};

/// Length from which on a text is searched for in bodies: shorter ids may be part of anything.
const SHORTEST: usize = 8;

/// Where an id first occurred.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Source<'h> {
    /// In the response to a request.
    Response(&'h Call),
    /// In a received event.
    Event(&'h Connection, &'h Frame),
}

impl Source<'_> {
    /// Position in the journal.
    fn seq(self) -> u64 {
        match self {
            Self::Response(call) => call.seq,
            Self::Event(_, frame) => frame.seq,
        }
    }
}

/// An id that a script keeps in a variable.
#[derive(Clone, Debug)]
pub(super) struct Captured<'h> {
    /// The id in the journal.
    pub(super) id: String,
    /// Name of the variable.
    pub(super) variable: String,
    /// Where it comes from.
    pub(super) source: Source<'h>,
    /// The `jq` filter that selects it.
    pub(super) filter: String,
}

impl Captured<'_> {
    /// Returns whether the id may be searched for in bodies and queries.
    pub(super) fn is_distinct(&self) -> bool {
        is_distinct(&self.id)
    }
}

fn is_distinct(id: &str) -> bool {
    id.len() >= SHORTEST
}

/// The ids that the steps of a plan need, in the order in which they occur. Adds the requests and sockets that they
/// come from to the plan.
pub(super) fn capture<'h>(traffic: &Traffic<'h>, plan: &mut Plan<'h>) -> Vec<Captured<'h>> {
    let mut captured: Vec<Captured<'h>> = Vec::new();
    let mut next = 0;
    while next < plan.steps.len() {
        let step = plan.steps[next];
        next += 1;
        for id in created(step).into_iter().chain(needed(step)) {
            if captured.iter().any(|it| it.id == id) {
                continue;
            }
            let source = match step {
                Step::Call(call) if created(step).as_deref() == Some(&id) => {
                    Some((Source::Response(call), ".id".to_owned()))
                }
                _ => source(traffic, plan, &id, step.seq()),
            };
            let Some((source, filter)) = source else { continue };
            match source {
                Source::Response(call) if !plan.has(call) => plan.steps.push(Step::Call(call)),
                Source::Event(connection, _) if !plan.is_connected(connection) => {
                    plan.connect(connection);
                }
                _ => {}
            }
            captured.push(Captured { id, variable: String::new(), source, filter });
        }
    }
    plan.sort();
    captured.sort_by_key(|it| it.source.seq());
    name(&mut captured);
    captured
}

/// Names variables after what they contain: `ROOM`, `MESSAGE`, `MESSAGE_2`, ….
fn name(captured: &mut [Captured<'_>]) {
    for index in 0..captured.len() {
        let kind = kind(captured[index].source);
        let earlier = captured[..index].iter().filter(|it| self::kind(it.source) == kind).count();
        captured[index].variable = match earlier {
            0 => kind.to_owned(),
            count => format!("{kind}_{}", count + 1),
        };
    }
}

fn kind(source: Source<'_>) -> &'static str {
    let Source::Response(call) = source else { return "MESSAGE" };
    let operation = call.operation().map_or("", Operation::id);
    match operation.split('.').next() {
        Some("rooms") => "ROOM",
        Some("messages") => "MESSAGE",
        Some("participants") => "PARTICIPANT",
        _ => "VALUE",
    }
}

/// The id of the room that a step creates.
fn created(step: Step<'_>) -> Option<String> {
    let Step::Call(call) = step else { return None };
    let id = call.success()?.get("id")?;
    (call.operation() == Some(Operation::RoomsCreate)).then(|| text(id)).flatten()
}

/// The possible ids in a step.
fn needed(step: Step<'_>) -> Vec<String> {
    let mut ids = Vec::new();
    match step {
        Step::Call(call) => {
            let invocation = &call.invocation;
            ids.extend(invocation.path_parameters.iter().cloned());
            if invocation.operation.is_none() {
                ids.push(invocation.path.clone());
            }
            ids.extend(invocation.query.iter().map(|(_, value)| value.clone()));
            call.request.iter().for_each(|body| texts(body, &mut ids));
        }
        Step::Connect(connection) => ids.push(connection.room.as_str().to_owned()),
        Step::Send(_, frame) => frame.json().iter().for_each(|body| texts(body, &mut ids)),
        Step::Close(..) => {}
    }
    let of_path = |id: &String| matches!(step, Step::Call(it) if it.subject() == Some(id));
    ids.retain(|id| is_distinct(id) || of_path(id) && !id.is_empty());
    ids
}

/// The texts in a JSON value.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(object) => object.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Where an id first occurs before a position, preferably in a step of the plan.
fn source<'h>(
    traffic: &Traffic<'h>,
    plan: &Plan<'h>,
    id: &str,
    before: u64,
) -> Option<(Source<'h>, String)> {
    let responses = traffic.calls.iter().filter(|call| call.seq < before && call.succeeded());
    let responses = responses.filter_map(|call| {
        let is_own = is_distinct(id)
            || call.operation().is_some_and(|it| it.id().starts_with("participants."));
        let filter = filter(call.success()?, id).filter(|_| is_own)?;
        Some((plan.has(call), Source::Response(call), filter))
    });
    let events = traffic.connections.iter().flat_map(|connection| {
        let received = connection.frames.iter().filter(|it| !it.is_sent() && it.seq < before);
        received.filter_map(|frame| {
            let filter = filter(frame.json()?, id).filter(|_| is_distinct(id))?;
            frame.kind()?;
            Some((plan.is_connected(connection), Source::Event(connection, frame), filter))
        })
    });
    let found = responses.chain(events);
    // A write of the plan comes first, then what happened first.
    let (_, source, filter) = found.min_by_key(|(has, source, _)| (!has, source.seq()))?;
    Some((source, filter))
}

/// The `jq` filter of an id in a body; `None` if it has none. Ids that are numbers are members of the body or of its
/// items, since anything else has numbers as well.
fn filter(body: &Value, id: &str) -> Option<String> {
    let is_it = |value: &Value| text(value).as_deref() == Some(id);
    if !is_distinct(id) {
        let items = body.get("results").unwrap_or(body);
        if let Some(index) = items
            .as_array()
            .and_then(|items| items.iter().position(|item| item.get("id").is_some_and(is_it)))
        {
            let list = if body.is_array() { "." } else { ".results" };
            return Some(format!("{list}[{index}].id"));
        }
        return body.get("id").is_some_and(is_it).then(|| ".id".to_owned());
    }
    match body {
        Value::Object(object) => object.iter().find_map(|(key, value)| {
            let path = match key.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_') {
                true => format!(".{key}"),
                false => format!(".[{}]", Value::from(key.as_str())),
            };
            let is_id = key == "id" || key == "room" || key.ends_with("_id") || id.contains('/');
            if is_id && is_it(value) {
                return Some(path);
            }
            filter(value, id).map(|rest| join(&path, &rest))
        }),
        Value::Array(items) => items.iter().enumerate().find_map(|(index, item)| {
            filter(item, id).map(|rest| join(&format!(".[{index}]"), &rest))
        }),
        _ => None,
    }
}

fn join(path: &str, rest: &str) -> String {
    // `.a.[0]` is `.a[0]` in older versions of jq.
    format!("{path}{}", if rest.starts_with(".[") { &rest[1..] } else { rest })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn filters_select_ids() {
        let body =
            json!({"type": "chat_message", "message": {"a-b": [{"id": "12345678"}]}, "n": 4});
        assert_eq!(filter(&body, "12345678").unwrap(), ".message[\"a-b\"][0].id");
        assert_eq!(filter(&body, "4"), None);
        let list = json!({"results": [{"id": 3, "user": {"id": 4}}, {"id": 4}]});
        assert_eq!(filter(&list, "4").unwrap(), ".results[1].id");
        assert_eq!(filter(&json!({"id": 4}), "4").unwrap(), ".id");
    }
}
