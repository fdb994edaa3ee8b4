//! Expectations: comparing responses and events with matchers, and recording the results.

use std::time::Duration;

use hearback_client::{Awaited, AwaitedEvent, FailureKind, Response};
use hearback_contract::ServerEvent;
use hearback_history::{EventKind, ExpectationResult, Obstacle};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::context::{ScenarioContext, Stop};
use super::sockets::abandoned;
use crate::matcher::{all_match, at, described};
use crate::step::{Call, Expectation, Step};

/// The delay before a read that does not match yet is repeated.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// The maximum length of a recorded expected or actual value, in characters.
const MAX_TEXT: usize = 300;

/// The result of one expectation.
struct Comparison {
    subject: String,
    expected: String,
    actual: Option<String>,
    holds: bool,
}

impl ScenarioContext {
    /// Calls an operation and checks the response; a read is repeated until it matches or time is up.
    pub(super) async fn call_as_expected(
        &self,
        step: &Step,
        call: &Call,
    ) -> Result<Response, Stop> {
        let expect = call.expect.as_ref();
        let deadline = expect.and_then(|expect| expect.within).map(|time| Instant::now() + time);
        loop {
            let response = self.call(&call.actor, self.request(call)?).await?;
            let failure = response.failure.as_ref().map(|failure| failure.kind);
            // Generated logins are dispensable; scenarios that test a failed login are not.
            let is_dispensable = expect.is_none() && (call.body.is_some() || call.raw.is_some());
            if failure == Some(FailureKind::LoginBudget) && !is_dispensable {
                return Err(Stop::obstacle(Obstacle::LoginBudget));
            }
            if expect.is_some() {
                require_whole(&response)?;
            }
            let actual = observed(&response);
            let is_over = deadline.is_none_or(|deadline| Instant::now() >= deadline);
            if is_over || self.matches(expect, &actual)? {
                self.check(step, (&call.actor, call.operation.id()), expect, &actual)?;
                return Ok(response);
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    fn matches(&self, expect: Option<&Expectation>, actual: &Value) -> Result<bool, Stop> {
        let Some(expect) = expect else { return Ok(true) };
        Ok(expect.fields.resolve(&self.variables())?.match_value(actual))
    }

    /// Records the result of an expectation for each of its paths.
    pub(super) fn check(
        &self,
        step: &Step,
        (role, action): (&str, &str),
        expect: Option<&Expectation>,
        actual: &Value,
    ) -> Result<(), Stop> {
        let Some(expect) = expect else { return Ok(()) };
        for (path, matchers) in expect.fields.resolve(&self.variables())?.0 {
            let member = at(actual, &path);
            // The error of a missing response is more useful than its missing members.
            let actual = member.or(actual.get("error")).map(Value::to_string);
            let holds = all_match(&matchers, member);
            let subject = format!("{role} {action} {path}");
            let comparison = Comparison { subject, expected: described(&matchers), actual, holds };
            self.record(step, expect, role, comparison);
        }
        Ok(())
    }

    /// Waits for an event that satisfied no earlier expectation, and marks it as matched.
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
        // The last event of that type is shown if none matches.
        let mut nearest = None;
        let is_expected = |position, value: &Value| {
            if value.get("type") != Some(&json!(event.id())) {
                return false;
            }
            let is_match = fields.match_value(value) && self.mark_matched(name, position);
            if !is_match {
                nearest = Some(value.clone());
            }
            is_match
        };
        let kind = AwaitedEvent::Expected(event);
        let found = match open.socket.wait_for_event(kind, 0, timeout, is_expected).await {
            Awaited::Arrived((_, value)) => Some(value),
            Awaited::Missed => None,
            Awaited::Abandoned => return Err(abandoned(name, event)),
        };
        if found.is_none() && open.socket.was_cut() {
            return Err(Stop::failed("hearback closed the socket, which exceeded its bounds"));
        }
        let limit = match expectation.within {
            Some(within) => format!(" within {within:?}"),
            None => String::new(),
        };
        let expected = match fields.0.is_empty() {
            true => format!("one{limit}"),
            false => format!("one with {fields}{limit}"),
        };
        let actual = found.as_ref().or(nearest.as_ref()).map(Value::to_string);
        let subject = format!("{} {event}", receiver(name, &open.actor));
        let comparison = Comparison { subject, expected, actual, holds: found.is_some() };
        self.record(step, expectation, &open.actor, comparison);
        Ok(found)
    }

    /// Marks the frame at `position` as matched; returns whether it was not marked before.
    fn mark_matched(&self, name: &str, position: usize) -> bool {
        self.sockets.lock().get_mut(name).is_none_or(|open| open.matched.insert(position))
    }

    /// Checks that no event between the last two fences matches.
    pub(super) async fn expect_nothing(
        &self,
        step: &Step,
        name: &str,
        event: ServerEvent,
        expectation: &Expectation,
    ) -> Result<(), Stop> {
        let open = self.socket(name)?;
        let Some((start, end)) = open.fenced else {
            return Err(Stop::failed(format!(
                "`expect-nothing` on {name} without a fence before it"
            )));
        };
        let fields = expectation.fields.resolve(&self.variables())?;
        let is_unwanted = |value: &Value| {
            value.get("type") == Some(&json!(event.id())) && fields.match_value(value)
        };
        // All events before the fence have arrived: no wait is necessary.
        let found = open.socket.wait_for(start, Duration::ZERO, is_unwanted).await;
        let found = found.filter(|(position, _)| *position < end).map(|(_, value)| value);
        let expected = match fields.0.is_empty() {
            true => "none".to_owned(),
            false => format!("none with {fields}"),
        };
        let subject = format!("{} {event}", receiver(name, &open.actor));
        let actual = found.as_ref().map(Value::to_string);
        let comparison = Comparison { subject, expected, actual, holds: found.is_none() };
        self.record(step, expectation, &open.actor, comparison);
        Ok(())
    }

    fn record(&self, step: &Step, expectation: &Expectation, role: &str, comparison: Comparison) {
        // Redact before truncating: a truncated secret would not be recognized.
        let recorded = |text: String| bounded(self.recorder().redacted(&text));
        self.recorder().record(EventKind::ExpectationChecked(Box::new(ExpectationResult {
            scenario: self.scenario.clone(),
            actor: self.actor(role).name().clone(),
            step: step.number.clone(),
            location: format!("{}:{}", self.file, step.line),
            requirement: expectation.requirement,
            subject: recorded(comparison.subject),
            expected: recorded(comparison.expected),
            actual: comparison.actual.map(recorded),
            holds: comparison.holds,
        })));
    }
}

/// A response as a value for matchers: `{status, body}`, or `{error}`.
pub(super) fn observed(response: &Response) -> Value {
    let mut value = json!({});
    if let Some(status) = response.status {
        value["status"] = json!(status);
        let text = || Value::from(String::from_utf8_lossy(&response.body));
        value["body"] = response.json.clone().unwrap_or_else(text);
    }
    if let Some(error) = &response.error {
        value["error"] = json!(error);
    }
    value
}

/// Checks that a response is whole: a truncated one meets or misses no expectation.
///
/// # Errors
/// If it was truncated.
pub(super) fn require_whole(response: &Response) -> Result<(), Stop> {
    match response.truncated {
        true => Err(Stop::failed(format!("the target {}", response.shortcoming()))),
        false => Ok(()),
    }
}

fn bounded(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MAX_TEXT) {
        text.truncate(end);
        text.push('…');
    }
    text
}

fn receiver(socket: &str, actor: &str) -> String {
    if socket == actor { actor.to_owned() } else { format!("{actor}'s {socket}") }
}
