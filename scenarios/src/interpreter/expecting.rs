//! Looking at what came. What was expected and what was seen is recorded; nothing is decided.

use std::time::Duration;

use hearback_client::Response;
use hearback_contract::ServerEvent;
use hearback_history::{EventKind, ExpectationResult};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::stage::{Stage, Stop};
use crate::matcher::{all_hold, at, described};
use crate::step::{Call, Expectation, Step};

/// How long a read that is not yet as expected rests before it is repeated.
const REST: Duration = Duration::from_millis(50);

/// The longest text that is recorded of what was expected or seen, in characters.
const LONGEST_TEXT: usize = 300;

/// One look at one thing.
struct Look {
    subject: String,
    expected: String,
    actual: Option<String>,
    holds: bool,
}

impl Stage {
    /// Calls an operation and looks at the answer; a read is repeated for as long as it may take.
    pub(super) async fn answer(&self, step: &Step, call: &Call) -> Result<Response, Stop> {
        let expect = call.expect.as_ref();
        let deadline = expect.and_then(|expect| expect.within).map(|time| Instant::now() + time);
        loop {
            let response = self.call(&call.actor, self.request(call)?).await?;
            let seen = answered(&response);
            let is_over = deadline.is_none_or(|deadline| Instant::now() >= deadline);
            if is_over || self.holds(expect, &seen)? {
                self.look(step, (&call.actor, call.operation.id()), expect, &seen)?;
                return Ok(response);
            }
            sleep(REST).await;
        }
    }

    fn holds(&self, expect: Option<&Expectation>, seen: &Value) -> Result<bool, Stop> {
        let Some(expect) = expect else { return Ok(true) };
        Ok(expect.fields.resolve(&self.variables())?.hold(seen))
    }

    /// Records, for every path of an expectation, what was seen there.
    pub(super) fn look(
        &self,
        step: &Step,
        (role, deed): (&str, &str),
        expect: Option<&Expectation>,
        seen: &Value,
    ) -> Result<(), Stop> {
        let Some(expect) = expect else { return Ok(()) };
        for (path, matchers) in expect.fields.resolve(&self.variables())?.0 {
            let member = at(seen, &path);
            // Without an answer, why there is none says more than that its members are missing.
            let actual = member.or(seen.get("error")).map(Value::to_string);
            let holds = all_hold(&matchers, member);
            let subject = format!("{role} {deed} {path}");
            let look = Look { subject, expected: described(&matchers), actual, holds };
            self.record(step, expect, role, look);
        }
        Ok(())
    }

    /// ThrottleNotifications for an event that no earlier expectation has taken, and takes it.
    pub(super) async fn expect(
        &self,
        step: &Step,
        name: &str,
        event: ServerEvent,
        expectation: &Expectation,
    ) -> Result<Option<Value>, Stop> {
        let open = self.socket(name)?;
        let fields = expectation.fields.resolve(&self.variables())?;
        let timeout = expectation.within.unwrap_or(self.timeout);
        let deadline = Instant::now() + timeout;
        // The last one of that type, to show how near it came.
        let mut nearest = None;
        let mut from = 0;
        let found = loop {
            let is_of_type = |value: &Value| value.get("type") == Some(&json!(event.id()));
            let left = deadline.saturating_duration_since(Instant::now());
            let Some((position, value)) = open.socket.wait_for(from, left, is_of_type).await else {
                break None;
            };
            if fields.hold(&value) && self.take(name, position) {
                break Some(value);
            }
            nearest = Some(value);
            from = position + 1;
        };
        let limit = match expectation.within {
            Some(within) => format!(" within {within:?}"),
            None => String::new(),
        };
        let expected = match fields.0.is_empty() {
            true => format!("one{limit}"),
            false => format!("one with {fields}{limit}"),
        };
        let actual = found.as_ref().or(nearest.as_ref()).map(Value::to_string);
        let subject = format!("{} {event}", heard_by(name, &open.actor));
        let look = Look { subject, expected, actual, holds: found.is_some() };
        self.record(step, expectation, &open.actor, look);
        Ok(found)
    }

    /// Whether the frame at `position` was there for the taking.
    fn take(&self, name: &str, position: usize) -> bool {
        self.sockets.lock().get_mut(name).is_none_or(|open| open.taken.insert(position))
    }

    /// Looks for an event among those between the last two fences.
    pub(super) async fn expect_nothing(
        &self,
        step: &Step,
        name: &str,
        event: ServerEvent,
        expectation: &Expectation,
    ) -> Result<(), Stop> {
        let open = self.socket(name)?;
        let Some((start, end)) = open.fenced else {
            return Err(Stop::Failed(format!("there was no fence in the room of {name}")));
        };
        let fields = expectation.fields.resolve(&self.variables())?;
        let is_unwanted =
            |value: &Value| value.get("type") == Some(&json!(event.id())) && fields.hold(value);
        // All of them have arrived: there is nothing to wait for.
        let found = open.socket.wait_for(start, Duration::ZERO, is_unwanted).await;
        let found = found.filter(|(position, _)| *position < end).map(|(_, value)| value);
        let expected = match fields.0.is_empty() {
            true => "none".to_owned(),
            false => format!("none with {fields}"),
        };
        let subject = format!("{} {event}", heard_by(name, &open.actor));
        let actual = found.as_ref().map(Value::to_string);
        let look = Look { subject, expected, actual, holds: found.is_none() };
        self.record(step, expectation, &open.actor, look);
        Ok(())
    }

    fn record(&self, step: &Step, expectation: &Expectation, role: &str, look: Look) {
        // Secrets first: half of one would not be recognised any more.
        let recorded = |text: String| bounded(self.recorder().redacted(&text));
        self.recorder().record(EventKind::ExpectationChecked(ExpectationResult {
            scenario: self.scenario.clone(),
            actor: self.actor(role).name().clone(),
            step: step.number.clone(),
            location: format!("{}:{}", self.file, step.line),
            requirement: expectation.requirement,
            subject: recorded(look.subject),
            expected: recorded(look.expected),
            actual: look.actual.map(recorded),
            holds: look.holds,
        }));
    }
}

/// An answer as expectations see it: `{status, body}`, or `{error}`.
pub(super) fn answered(response: &Response) -> Value {
    let mut seen = json!({});
    if let Some(status) = response.status {
        seen["status"] = json!(status);
        let text = || Value::from(String::from_utf8_lossy(&response.body));
        seen["body"] = response.json.clone().unwrap_or_else(text);
    }
    if let Some(error) = &response.error {
        seen["error"] = json!(error);
    }
    seen
}

fn bounded(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT) {
        text.truncate(end);
        text.push('…');
    }
    text
}

fn heard_by(socket: &str, actor: &str) -> String {
    if socket == actor { actor.to_owned() } else { format!("{actor}'s {socket}") }
}
