//! The steps of a scenario.

use hearback_contract::{Operation, ServerEvent};
use serde_json::Value;

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
    Walk(Call),
    /// Fetches what a URL of the target names.
    Fetch {
        /// Who fetches.
        actor: String,
        /// The URL.
        url: String,
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
    /// Waits until an event is received.
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
}

/// A step and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its number within the file, from 1 on; nested ones are `3.2`.
    pub number: String,
    /// What it does.
    pub action: Action,
}
