//! The steps of a scenario.

use std::time::Duration;

use hearback_contract::{Operation, RequirementId, ServerEvent};
use serde_json::Value;

use crate::matcher::Fields;

/// What is expected of an answer or an event; whether it holds is recorded, and stops nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expectation {
    /// What it is expected to be.
    pub fields: Fields,
    /// How long it may take; for an event the run's timeout if not given.
    pub within: Option<Duration>,
    /// The requirement that it speaks to; the scenario's own affair if there is none.
    pub requirement: Option<RequirementId>,
}

/// A call of a documented operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Who calls.
    pub actor: String,
    /// What.
    pub operation: Operation,
    /// The path's parameter.
    pub at: Option<String>,
    /// Query parameters, in order.
    pub query: Vec<(String, Value)>,
    /// A JSON body.
    pub body: Option<Value>,
    /// A body sent as it stands instead, with its content type.
    pub raw: Option<(String, String)>,
    /// Fields of a form instead, and a file.
    pub form: Option<(Value, FileSource)>,
    /// The kind of token to show; a template.
    pub credential: Option<String>,
    /// The name under which a successful response is saved.
    pub save: Option<String>,
    /// What is expected of the answer, `{status, body}`. A read is repeated while it does not hold, as
    /// long as that may take.
    pub expect: Option<Expectation>,
}

impl Call {
    /// A call of `operation` without anything beside it.
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

/// A file to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSource {
    /// Its name.
    pub name: String,
    /// Its content type.
    pub content_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What is sent on a socket.
#[derive(Clone, Debug, PartialEq)]
pub enum Outgoing {
    /// JSON.
    Event(Value),
    /// Text as it stands.
    Text(String),
    /// A binary frame of that text.
    Binary(String),
}

/// A step.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Calls an operation.
    Call(Call),
    /// Lists page after page until `next` is null.
    Walk {
        /// The first page.
        call: Call,
        /// Steps that are carried out after each page.
        between: Vec<Step>,
    },
    /// Fetches what a URL of the target names.
    Fetch {
        /// Who fetches.
        actor: String,
        /// The URL.
        url: String,
        /// What is expected of the answer, `{status, body}`.
        expect: Option<Expectation>,
    },
    /// Opens a socket and waits until it is established or refused.
    Connect {
        /// Whose.
        actor: String,
        /// What it is called in the scenario.
        socket: String,
        /// The room's id.
        room: String,
        /// The kind of token to show; a template.
        credential: Option<String>,
        /// What is expected to come of it, `{opened, status, event}`.
        expect: Option<Expectation>,
    },
    /// Closes a socket and opens it again, to the same room.
    Reconnect {
        /// The socket.
        socket: String,
        /// The kind of token to show; a template.
        credential: Option<String>,
        /// What is expected to come of it, `{opened, status, event}`.
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
    /// Sends a chat message and waits until every open socket of the room in this scenario has it.
    Say {
        /// The socket.
        socket: String,
        /// The text.
        text: String,
        /// The answered message's id.
        reply_to: Option<String>,
        /// The name under which the received message is saved.
        save: Option<String>,
    },
    /// Says something that only proves, once everybody has it, what did not come before it.
    Fence {
        /// The socket.
        socket: String,
    },
    /// Expects an event that no earlier expectation has taken.
    Expect {
        /// The socket.
        socket: String,
        /// Its type.
        event: ServerEvent,
        /// What it is expected to hold.
        expectation: Expectation,
        /// The name under which the event is saved.
        save: Option<String>,
    },
    /// Expects that there was no such event between the last two fences.
    ExpectNothing {
        /// The socket.
        socket: String,
        /// Its type.
        event: ServerEvent,
        /// What it would hold.
        expectation: Expectation,
    },
    /// ThrottleNotifications until an event is received; without it the scenario stops.
    Await {
        /// The socket.
        socket: String,
        /// Its type.
        event: ServerEvent,
        /// Members that it must have, by dotted path.
        fields: Value,
    },
    /// Carries out steps once for each value.
    For {
        /// The variable.
        variable: String,
        /// Its values: a list, or a placeholder for one.
        values: Value,
        /// The steps.
        steps: Vec<Step>,
    },
    /// Carries out steps so many times; `{index}` counts from 1.
    Repeat {
        /// How many times.
        count: u64,
        /// The steps.
        steps: Vec<Step>,
    },
    /// Carries out several lists of steps at the same time.
    Parallel(Vec<Vec<Step>>),
    /// Carries out one of the steps, chosen by the seed.
    AnyOf(Vec<Step>),
}

/// A step and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its number within the file, from 1 on; nested ones are `3.2`.
    pub number: String,
    /// The line that it begins in, from 1 on.
    pub line: usize,
    /// What it does.
    pub action: Action,
}

impl Step {
    /// Steps that do these things, numbered as in a file.
    pub fn numbered(actions: Vec<Action>) -> Vec<Self> {
        let step = |action| Self { number: String::new(), line: 0, action };
        let mut steps: Vec<_> = actions.into_iter().map(step).collect();
        renumber(&mut steps, "");
        steps
    }

    /// The lists of steps inside it.
    pub fn inner(&self) -> Vec<&[Self]> {
        match &self.action {
            Action::For { steps, .. } | Action::Repeat { steps, .. } => vec![steps],
            Action::Parallel(branches) => branches.iter().map(Vec::as_slice).collect(),
            Action::AnyOf(steps) => vec![steps],
            Action::Walk { between, .. } => vec![between],
            _ => Vec::new(),
        }
    }

    /// The lists of steps inside it, to be changed.
    pub fn inner_mut(&mut self) -> Vec<&mut Vec<Self>> {
        match &mut self.action {
            Action::For { steps, .. } | Action::Repeat { steps, .. } => vec![steps],
            Action::Parallel(branches) => branches.iter_mut().collect(),
            Action::AnyOf(steps) => vec![steps],
            Action::Walk { between, .. } => vec![between],
            _ => Vec::new(),
        }
    }

    /// What it expects, if it expects something.
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

/// Gives steps the numbers that they have in a file: below `parent`, or at its top if that is empty.
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
