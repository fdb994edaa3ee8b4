//! The steps of a scenario.

use std::time::Duration;

use hearback_contract::{Operation, RequirementId, ServerEvent};
use hearback_history::Probe;
use serde_json::Value;

use crate::matcher::Fields;

/// An expectation about a response or an event. The result is recorded; the scenario continues either way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expectation {
    /// The expected fields.
    pub fields: Fields,
    /// Maximum wait; for an event, the timeout of the run by default.
    pub within: Option<Duration>,
    /// The requirement that the expectation checks; without one, it counts for the scenario only.
    pub requirement: Option<RequirementId>,
}

/// A call of a documented operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The calling actor.
    pub actor: String,
    /// The operation.
    pub operation: Operation,
    /// The path parameter, a template.
    pub at: Option<String>,
    /// Query parameters, in order.
    pub query: Vec<(String, Value)>,
    /// A JSON body.
    pub body: Option<Value>,
    /// A content type and a body that is sent unchanged, instead of JSON.
    pub raw: Option<(String, String)>,
    /// The fields of a multipart form and its file, instead of JSON.
    pub form: Option<(Value, FileSource)>,
    /// The kind of token to send, a template.
    pub credential: Option<String>,
    /// The name under which a successful response is saved.
    pub save: Option<String>,
    /// The expected response, `{status, body}`. A read is repeated until the expectation holds or its
    /// `within` has passed.
    pub expect: Option<Expectation>,
}

impl Call {
    /// A call of `operation` without parameters and body.
    pub fn new(actor: impl Into<String>, operation: Operation) -> Self {
        Self {
            actor: actor.into(),
            operation,
            at: None,
            query: Vec::new(),
            body: None,
            raw: None,
            form: None,
            credential: None,
            save: None,
            expect: None,
        }
    }
}

/// A file to upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSource {
    /// Name of the file.
    pub name: String,
    /// Content type of the file.
    pub content_type: String,
    /// Content of the file.
    pub bytes: Vec<u8>,
}

/// A frame that a client sends on a socket.
#[derive(Clone, Debug, PartialEq)]
pub enum Outgoing {
    /// An event as JSON, a template.
    Event(Value),
    /// A text frame with this content.
    Text(String),
    /// A binary frame with this content.
    Binary(String),
}

/// The action of a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Calls an operation.
    Call(Call),
    /// Lists messages page by page until `next` is null.
    Walk {
        /// The first page.
        call: Call,
        /// Steps that run after each page.
        between: Vec<Step>,
    },
    /// Fetches a URL of the target.
    Fetch {
        /// The fetching actor.
        actor: String,
        /// The URL, a template.
        url: String,
        /// The kind of token to send, a template.
        credential: Option<String>,
        /// The expected response, `{status, body}`.
        expect: Option<Expectation>,
    },
    /// Sends the request of an operation with another method, without a body.
    Request {
        /// The calling actor.
        actor: String,
        /// The method.
        method: String,
        /// The operation whose path is used.
        operation: Operation,
        /// The path parameter, a template.
        at: Option<String>,
        /// Query parameters, in order.
        query: Vec<(String, Value)>,
    },
    /// Opens a socket and waits until it is established or rejected.
    Connect {
        /// The owner of the socket.
        actor: String,
        /// Name of the socket in the scenario.
        socket: String,
        /// Id of the room, a template.
        room: String,
        /// The kind of token to send, a template.
        credential: Option<String>,
        /// The origin of another site, in place of that of the target.
        origin: Option<String>,
        /// True if the handshake offers compression (RFC 7692).
        offers_compression: bool,
        /// The expected result, `{opened, status, event}`.
        expect: Option<Expectation>,
    },
    /// Closes a socket and opens it again to the same room.
    Reconnect {
        /// The socket.
        socket: String,
        /// The kind of token to send, a template.
        credential: Option<String>,
        /// The expected result, `{opened, status, event}`.
        expect: Option<Expectation>,
    },
    /// Closes a socket.
    Disconnect {
        /// The socket.
        socket: String,
    },
    /// Sends a frame.
    Send {
        /// The socket.
        socket: String,
        /// The frame.
        frame: Outgoing,
    },
    /// Sends frames that show how the target handles a part of RFC 6455, and waits for its reaction.
    Probe {
        /// The socket.
        socket: String,
        /// The frames.
        probe: Probe,
    },
    /// Sends a chat message and waits until every open socket of the room in this scenario received it.
    Say {
        /// The socket.
        socket: String,
        /// The text, a template.
        text: String,
        /// Id of the message that it replies to, a template.
        reply_to: Option<String>,
        /// The name under which the received message is saved.
        save: Option<String>,
    },
    /// Sends a chat message whose arrival on every open socket proves which events did not arrive before.
    Fence {
        /// The socket.
        socket: String,
    },
    /// Expects an event that no earlier expectation matched.
    Expect {
        /// The socket.
        socket: String,
        /// The type of the event.
        event: ServerEvent,
        /// The expected fields.
        expectation: Expectation,
        /// The name under which the event is saved.
        save: Option<String>,
    },
    /// Expects that no such event arrived between the last two fences.
    ExpectNothing {
        /// The socket.
        socket: String,
        /// The type of the event.
        event: ServerEvent,
        /// The fields of the unexpected event.
        expectation: Expectation,
    },
    /// Waits for an event; the scenario stops if it does not arrive.
    Await {
        /// The socket.
        socket: String,
        /// The type of the event.
        event: ServerEvent,
        /// The required fields, by dotted path.
        fields: Value,
    },
    /// Waits.
    Pause(Duration),
    /// Waits until a time.
    Until {
        /// The time in the format of RFC 3339, a template.
        time: String,
        /// Maximum wait.
        within: Duration,
    },
    /// Runs steps once per value.
    For {
        /// Name of the variable.
        variable: String,
        /// The values: a list, or a placeholder for one.
        values: Value,
        /// The steps.
        steps: Vec<Step>,
    },
    /// Runs steps repeatedly; `{index}` counts from 1.
    Repeat {
        /// Number of repetitions.
        count: u64,
        /// The steps.
        steps: Vec<Step>,
    },
    /// Runs several lists of steps at the same time.
    Parallel(Vec<Vec<Step>>),
    /// Runs one of the steps, chosen by the seed.
    AnyOf(Vec<Step>),
}

/// A step and its position in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Number within the file, from 1; nested steps have numbers such as `3.2`.
    pub number: String,
    /// Line in which the step begins, from 1.
    pub line: usize,
    /// The action.
    pub action: Action,
}

impl Step {
    /// Steps with these actions, numbered as in a file.
    pub fn numbered(actions: Vec<Action>) -> Vec<Self> {
        let step = |action| Self { number: String::new(), line: 0, action };
        let mut steps: Vec<_> = actions.into_iter().map(step).collect();
        renumber(&mut steps, "");
        steps
    }

    /// The lists of steps inside the step.
    pub fn inner(&self) -> Vec<&[Self]> {
        match &self.action {
            Action::For { steps, .. } | Action::Repeat { steps, .. } => vec![steps],
            Action::Parallel(branches) => branches.iter().map(Vec::as_slice).collect(),
            Action::AnyOf(steps) => vec![steps],
            Action::Walk { between, .. } => vec![between],
            _ => Vec::new(),
        }
    }

    /// The lists of steps inside the step, mutable.
    pub fn inner_mut(&mut self) -> Vec<&mut Vec<Self>> {
        match &mut self.action {
            Action::For { steps, .. } | Action::Repeat { steps, .. } => vec![steps],
            Action::Parallel(branches) => branches.iter_mut().collect(),
            Action::AnyOf(steps) => vec![steps],
            Action::Walk { between, .. } => vec![between],
            _ => Vec::new(),
        }
    }

    /// The expectation of the step, if any.
    pub fn expectation(&self) -> Option<&Expectation> {
        match &self.action {
            Action::Call(call) | Action::Walk { call, .. } => call.expect.as_ref(),
            Action::Fetch { expect, .. }
            | Action::Connect { expect, .. }
            | Action::Reconnect { expect, .. } => expect.as_ref(),
            Action::Expect { expectation, .. } | Action::ExpectNothing { expectation, .. } => {
                Some(expectation)
            }
            _ => None,
        }
    }
}

/// The longest time that steps wait for their own sake.
pub(crate) fn waits(steps: &[Step]) -> Duration {
    let of_step = |step: &Step| match &step.action {
        Action::Pause(duration) | Action::Until { within: duration, .. } => *duration,
        Action::Repeat { count, steps } => {
            waits(steps).saturating_mul(u32::try_from(*count).unwrap_or(u32::MAX))
        }
        Action::For { values, steps, .. } => {
            let count = values.as_array().map_or(1, Vec::len);
            waits(steps).saturating_mul(u32::try_from(count).unwrap_or(u32::MAX))
        }
        Action::Parallel(branches) => {
            branches.iter().map(|branch| waits(branch)).max().unwrap_or_default()
        }
        Action::AnyOf(steps) => {
            steps.iter().map(|step| waits(std::slice::from_ref(step))).max().unwrap_or_default()
        }
        Action::Walk { between, .. } => waits(between),
        _ => Duration::ZERO,
    };
    steps.iter().map(of_step).fold(Duration::ZERO, Duration::saturating_add)
}

/// Numbers steps as in a file: below step `parent`, or at the top level if `parent` is empty.
pub(crate) fn renumber(steps: &mut [Step], parent: &str) {
    for (step, index) in steps.iter_mut().zip(1..) {
        step.number = match parent {
            "" => format!("{index}"),
            parent => format!("{parent}.{index}"),
        };
        let number = step.number.clone();
        match &mut step.action {
            Action::Walk { between, .. } => renumber(between, "between"),
            Action::Parallel(branches) => {
                for (branch, index) in branches.iter_mut().zip(1..) {
                    renumber(branch, &format!("{number}.{index}"));
                }
            }
            _ => step.inner_mut().into_iter().for_each(|steps| renumber(steps, &number)),
        }
    }
}
