//! The exchanges around a finding, in order: the data of its sequence diagram.

use std::collections::HashMap;

use hearback_checker::Finding;
use hearback_history::Handshake;
use hearback_history::{
    ActorName, Call, CloseOrigin, Connection, Frame, History, Nanoseconds, Outcome, Payload,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Exchanges shown before the first event that shows the finding, and after the last one.
const AROUND: usize = 4;

/// Exchanges shown in one sequence.
const MOST: usize = 40;

/// The longest text of an exchange, in characters.
const LONGEST: usize = 72;

/// The exchanges of a scenario between its actors and the target, around the events that show a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    /// Who takes part, in the order of appearance.
    pub actors: Vec<String>,
    /// What passed between them and the target, in order.
    pub exchanges: Vec<Exchange>,
}

/// One thing that passed between an actor and the target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// When, in microseconds since the first one shown.
    pub at_us: u64,
    /// Position of the actor in the sequence's list.
    pub actor: usize,
    /// Which way it went.
    pub direction: Direction,
    /// What it was, one line.
    pub text: String,
    /// Whether it shows the finding.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_evidence: bool,
    /// How many exchanges before it are left out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub omitted: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Which way an exchange went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the actor to the target.
    ToTarget,
    /// From the target to the actor.
    FromTarget,
    /// Neither: what a scenario looked at.
    Note,
}

/// An exchange of a history; its text is made only if it is shown.
struct Candidate<'h> {
    at: Nanoseconds,
    actor: &'h ActorName,
    direction: Direction,
    /// Position in the journal of the event that rules name as their evidence.
    seq: u64,
    what: What<'h>,
}

enum What<'h> {
    Request(&'h Call),
    Answer(&'h Call),
    Handshake(&'h Connection),
    Welcome(&'h Connection),
    Frame(&'h Frame),
    End(&'h Connection),
    Expectation(&'h str, bool),
}

/// The exchanges of a history by scenario; made once for all findings.
pub(crate) struct Scripts<'h> {
    by_scenario: HashMap<&'h str, Vec<Candidate<'h>>>,
}

impl<'h> Scripts<'h> {
    /// The exchanges of the scenarios that the findings name.
    pub(crate) fn of(history: &'h History, findings: &[&Finding]) -> Self {
        let mut by_scenario: HashMap<&str, Vec<Candidate>> = HashMap::new();
        let is_named = |scenario: &str| findings.iter().any(|finding| finding.scenario == scenario);
        for call in &history.calls {
            let scenario = call.invocation.scenario.as_str();
            if is_named(scenario) {
                by_scenario.entry(scenario).or_default().extend(of_call(call));
            }
        }
        for connection in &history.connections {
            let scenario = connection.scenario.as_str();
            if is_named(scenario) {
                by_scenario.entry(scenario).or_default().extend(of_connection(connection));
            }
        }
        for expectation in &history.expectations {
            let expected = &expectation.result;
            if is_named(expected.scenario.as_str()) {
                by_scenario.entry(expected.scenario.as_str()).or_default().push(Candidate {
                    at: expectation.at,
                    actor: &expected.actor,
                    direction: Direction::Note,
                    seq: expectation.seq,
                    what: What::Expectation(&expected.subject, expected.holds),
                });
            }
        }
        for candidates in by_scenario.values_mut() {
            candidates.sort_by_key(|candidate| (candidate.at, candidate.seq));
        }
        Self { by_scenario }
    }

    /// What happened around a finding, unless nothing that shows it is in the record of its scenario.
    pub(crate) fn around(&self, finding: &Finding) -> Option<Sequence> {
        let candidates = self.by_scenario.get(finding.scenario.as_str())?;
        let is_evidence = |candidate: &Candidate<'_>| finding.evidence.contains(&candidate.seq);
        let places: Vec<usize> =
            (0..candidates.len()).filter(|place| is_evidence(&candidates[*place])).collect();
        let is_near = |place: usize, reach: usize| {
            places.iter().any(|evidence| evidence.abs_diff(place) <= reach)
        };
        let (first, last) = (*places.first()?, *places.last()?);
        let all = first.saturating_sub(AROUND)..candidates.len().min(last + AROUND + 1);
        // What lies between evidence is shown as long as there is room, from near to far.
        let mut reach = all.len();
        while reach > 0 && all.clone().filter(|place| is_near(*place, reach)).count() > MOST {
            reach /= 2;
        }
        let mut sequence = Sequence { actors: Vec::new(), exchanges: Vec::new() };
        let mut began = None;
        let mut omitted = 0;
        for place in all {
            let candidate = &candidates[place];
            if !is_near(place, reach) || sequence.exchanges.len() == MOST {
                omitted += 1;
                continue;
            }
            let began = *began.get_or_insert(candidate.at);
            let name = candidate.actor.as_str();
            let known = sequence.actors.iter().position(|actor| actor == name);
            let actor = known.unwrap_or_else(|| {
                sequence.actors.push(name.to_owned());
                sequence.actors.len() - 1
            });
            sequence.exchanges.push(Exchange {
                at_us: (candidate.at - began).get() / 1_000,
                actor,
                direction: candidate.direction,
                text: shortened(&brief_ids(&candidate.what.text())),
                is_evidence: is_evidence(candidate),
                omitted: std::mem::take(&mut omitted),
            });
        }
        Some(sequence)
    }
}

fn of_call(call: &Call) -> impl Iterator<Item = Candidate<'_>> {
    let candidate = |at, direction, what| Candidate {
        at,
        actor: &call.invocation.actor,
        direction,
        seq: call.seq,
        what,
    };
    let answered = match call.outcome {
        Outcome::Response { returned, .. } => Some(returned),
        _ => None,
    };
    let request = candidate(call.invoked, Direction::ToTarget, What::Request(call));
    let answer = answered.map(|at| candidate(at, Direction::FromTarget, What::Answer(call)));
    std::iter::once(request).chain(answer)
}

fn of_connection(connection: &Connection) -> impl Iterator<Item = Candidate<'_>> {
    let candidate =
        |at, direction, seq, what| Candidate { at, actor: &connection.actor, direction, seq, what };
    let answered = match connection.handshake {
        Handshake::Accepted { at }
        | Handshake::Throttled { at, .. }
        | Handshake::Refused { at, .. } => Some(at),
        Handshake::Pending => None,
    };
    let opening = candidate(
        connection.invoked,
        Direction::ToTarget,
        connection.seq,
        What::Handshake(connection),
    );
    let welcome = answered
        .map(|at| candidate(at, Direction::FromTarget, connection.seq, What::Welcome(connection)));
    let frames = connection.frames.iter().map(move |frame| {
        let direction = if frame.is_sent() { Direction::ToTarget } else { Direction::FromTarget };
        candidate(frame.at, direction, frame.seq, What::Frame(frame))
    });
    let end = connection.closed.as_ref().map(|closing| {
        let direction = match closing.by {
            CloseOrigin::Client => Direction::ToTarget,
            CloseOrigin::Server | CloseOrigin::Broken => Direction::FromTarget,
        };
        candidate(closing.at, direction, closing.seq, What::End(connection))
    });
    std::iter::once(opening).chain(welcome).chain(frames).chain(end)
}

impl What<'_> {
    fn text(&self) -> String {
        match self {
            Self::Request(call) => request(call),
            Self::Answer(call) => match &call.outcome {
                Outcome::Response { status, throttled_s: Some(_), .. } => {
                    format!("{status}, throttled")
                }
                Outcome::Response { status, json, body, .. } => {
                    format!("{status} {}", content(json.as_ref(), body)).trim_end().to_owned()
                }
                Outcome::Failed { error } | Outcome::Unknown { error, .. } => error.clone(),
            },
            Self::Handshake(connection) => format!("connect to {}", connection.room),
            Self::Welcome(connection) => match &connection.handshake {
                Handshake::Accepted { .. } => "101".to_owned(),
                Handshake::Throttled { status, .. } => format!("{status}, throttled"),
                Handshake::Refused { status: Some(status), .. } => status.to_string(),
                Handshake::Refused { error, .. } => error.clone(),
                Handshake::Pending => String::new(),
            },
            Self::Frame(frame) => content(frame.json(), &frame.body.payload),
            Self::End(connection) => {
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

/// Operation, what it is about, and the body.
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
        text.push_str(&format!(" {}", content(call.request.as_ref(), body)));
    }
    text
}

/// The type of an event and what it says; of other JSON, what is short in it; else the beginning.
fn content(json: Option<&Value>, payload: &Payload) -> String {
    let Some(json) = json else {
        return payload.as_text().map_or_else(|| "(binary)".to_owned(), shortened);
    };
    let kind = json.get("type").and_then(Value::as_str);
    let mut members: Vec<_> =
        json.as_object().into_iter().flatten().filter(|(name, _)| *name != "type").collect();
    // What was said tells most, and must not be cut off.
    members.sort_by_key(|(name, _)| *name != "content");
    let mut parts: Vec<String> = kind.map(str::to_owned).into_iter().collect();
    for (name, value) in members {
        match value {
            Value::Object(inner) => {
                // A message or a user, by what tells it from others.
                let told = ["content", "username", "id"].iter().find_map(|key| inner.get(*key));
                parts.extend(told.map(|value| format!("{name} {value}")));
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
fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// UUIDs by their first eight digits: enough to tell them apart on one page.
fn brief_ids(text: &str) -> String {
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
    use hearback_testkit::dsl;

    use super::*;

    const HISTORY: &str = r#"
        alice rooms.create {"room_type": "group"} => 201 @room {"id": "$r1"}
        bob@r1 open
        alice messages.send {"room": "$r1", "content": "hello"} => 201 @message {"id": "$m1"}
        bob@r1 <- @typing {"user_id": 1}
        "#;

    fn finding(evidence: Vec<u64>) -> Finding {
        Finding {
            variant: "cause".to_owned(),
            expected: "this".to_owned(),
            actual: "that".to_owned(),
            count: 1,
            scenario: "test".to_owned(),
            evidence,
        }
    }

    fn sequence(text: &str, evidence: impl Fn(&History) -> u64) -> Option<Sequence> {
        let history = dsl::parse(text).unwrap();
        let finding = finding(vec![evidence(&history)]);
        Scripts::of(&history, &[&finding]).around(&finding)
    }

    #[test]
    fn it_shows_both_ways_in_order_and_what_shows_the_finding() {
        let sequence = sequence(HISTORY, |history| history.calls[1].seq).unwrap();
        assert_eq!(sequence.actors, ["alice", "bob"]);
        let of_send: Vec<_> =
            sequence.exchanges.iter().filter(|exchange| exchange.is_evidence).collect();
        assert_eq!(of_send.len(), 2, "{sequence:#?}");
        assert_eq!(of_send[0].direction, Direction::ToTarget);
        assert!(
            of_send[0].text.starts_with("messages.send content \"hello\", room"),
            "{of_send:?}"
        );
        assert!(of_send[1].text.starts_with("201 "), "{}", of_send[1].text);
        assert!(sequence.exchanges.is_sorted_by_key(|exchange| exchange.at_us));
        let last = sequence.exchanges.last().unwrap();
        assert!(last.text.starts_with("typing, user_id 1"), "{}", last.text);
    }

    #[test]
    fn what_lies_far_from_the_witnesses_is_left_out_and_counted() {
        let many = "alice rooms.get $r1 => 404 @error\n".repeat(100);
        let history = dsl::parse(&format!("{HISTORY}\n{many}")).unwrap();
        let ends = [history.calls[0].seq, history.calls.last().unwrap().seq];
        let finding = finding(ends.to_vec());
        let sequence = Scripts::of(&history, &[&finding]).around(&finding).unwrap();
        assert!(sequence.exchanges.len() <= MOST);
        assert_eq!(sequence.exchanges.iter().filter(|exchange| exchange.is_evidence).count(), 4);
        let omitted: usize = sequence.exchanges.iter().map(|exchange| exchange.omitted).sum();
        assert!(omitted > 100, "{omitted}");
    }

    #[test]
    fn without_a_witness_there_is_no_sequence() {
        assert_eq!(sequence(HISTORY, |_| 9_999), None);
    }

    #[test]
    fn ids_are_told_by_their_beginning() {
        let text = "é 550e8400-e29b-41d4-a716-446655440000, 550e8400";
        assert_eq!(brief_ids(text), "é 550e8400, 550e8400");
    }
}
