//! The grammar of the language: actions, keys, matchers, and their values.
//!
//! The parser, the linter and the published schema are driven by these tables; a new word is a row here.

#[cfg(test)]
mod documented;
mod matchers;

use hearback_contract::operation::OPERATIONS;
use hearback_contract::{Operation, RequestBody};

pub use matchers::{MATCHERS, MatcherSpec, Operand};

/// The kind of value that a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// Text.
    Text,
    /// Text or a number.
    Scalar,
    /// A name, such as the one of a saved value.
    Name,
    /// Any value.
    Any,
    /// Names and values.
    Mapping,
    /// A positive integer.
    Count,
    /// `true` or `false`.
    Flag,
    /// A number and a unit: `2s`, `500ms`.
    Duration,
    /// The type of an event from the server.
    ServerEvent,
    /// A kind of token.
    Credential,
    /// The id of a requirement.
    Requirement,
    /// Ids of requirements, or prefixes of ids.
    Requirements,
    /// Dotted paths and matchers.
    Fields,
    /// A file to upload.
    File,
    /// Names of actors.
    Actors,
    /// The kind of room at the beginning.
    Room,
    /// Variants by name.
    Variants,
    /// A variable and its values.
    Loop,
    /// A list of steps.
    Steps,
    /// Several lists of steps.
    StepLists,
    /// A method of HTTP that the specification does not mention.
    Method,
    /// Id of an operation.
    Operation,
    /// Name of a probe.
    Probe,
}

/// A key of a mapping.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Name of the key.
    pub name: &'static str,
    /// The kind of value.
    pub kind: ValueKind,
    /// True if the key is required.
    pub required: bool,
    /// The meaning of the key, for help texts and the JSON Schema.
    pub description: &'static str,
}

impl Key {
    const fn new(name: &'static str, kind: ValueKind, description: &'static str) -> Self {
        Self { name, kind, required: false, description }
    }

    const fn required(self) -> Self {
        Self { required: true, ..self }
    }
}

/// An action other than an operation, or a control step.
#[derive(Clone, Copy, Debug)]
pub struct ActionSpec {
    /// Name of the action.
    pub name: &'static str,
    /// The keys of the step.
    pub keys: &'static [Key],
    /// The effect of the action.
    pub description: &'static str,
}

const SOCKET: Key =
    Key::new("socket", ValueKind::Name, "name of the socket; by default the name of the actor");
const SAVE: Key =
    Key::new("save", ValueKind::Name, "name under which the response or event is saved");
const AS: Key = Key::new("as", ValueKind::Credential, "kind of token to send");
const EXPECT: Key = Key::new("expect", ValueKind::Fields, "the expected response");
const WITHIN: Key = Key::new("within", ValueKind::Duration, "maximum wait: 2s, 500ms");
const REQUIREMENT: Key =
    Key::new("requirement", ValueKind::Requirement, "the requirement that the expectation checks");
const EVENT: Key = Key::new("event", ValueKind::ServerEvent, "type of the event").required();
const WHERE: Key = Key::new("where", ValueKind::Fields, "the expected fields of the event");
const QUERY: Key = Key::new("query", ValueKind::Mapping, "query parameters");
const AT: Key = Key::new("at", ValueKind::Scalar, "id in the path of the operation");
const ALLOW_INVALID: Key = Key::new(
    "allow_invalid",
    ValueKind::Flag,
    "true: the payload deviates from the specification on purpose; lint does not warn",
);
const URL: Key = Key::new("url", ValueKind::Text, "the URL").required();

/// The keys of a file.
pub static FILE: &[Key] = &[
    Key::new("title", ValueKind::Text, "one sentence about what the scenario shows").required(),
    Key::new("requirements", ValueKind::Requirements, "the requirements that the scenario covers"),
    Key::new("actors", ValueKind::Actors, "names of the actors; the first one can create rooms")
        .required(),
    Key::new("room", ValueKind::Room, "the room at the beginning: group, direct or none"),
    Key::new("members", ValueKind::Actors, "the actors in that room other than the first one"),
    Key::new(
        "best_effort",
        ValueKind::Flag,
        "true: a step that cannot run is skipped instead of ending the scenario",
    ),
    Key::new("variants", ValueKind::Variants, "each variant runs the steps with its own values"),
    Key::new("steps", ValueKind::Steps, "the steps, in order").required(),
];

/// The keys of a variant.
pub static VARIANT: &[Key] = &[
    Key::new(
        "requirements",
        ValueKind::Requirements,
        "further requirements that the variant covers",
    ),
    Key::new("values", ValueKind::Mapping, "variables and their values"),
];

/// The keys of a file to upload.
pub static FILE_SOURCE: &[Key] = &[
    Key::new("name", ValueKind::Text, "file name").required(),
    Key::new("content_type", ValueKind::Text, "content type").required(),
    Key::new("text", ValueKind::Text, "content as text"),
    Key::new("base64", ValueKind::Text, "content in base64"),
    Key::new("size", ValueKind::Count, "size in bytes, to which zero bytes fill the content"),
];

const DO: Key = Key::new("do", ValueKind::Steps, "the repeated steps").required();

/// Steps without an actor, by their first key.
pub static CONTROLS: &[ActionSpec] = &[
    ActionSpec {
        name: "for",
        keys: &[Key::new("for", ValueKind::Loop, "a variable and its values").required(), DO],
        description: "runs steps once per value",
    },
    ActionSpec {
        name: "repeat",
        keys: &[Key::new("repeat", ValueKind::Count, "number of repetitions").required(), DO],
        description: "runs steps repeatedly; {index} counts from 1",
    },
    ActionSpec {
        name: "parallel",
        keys: &[Key::new("parallel", ValueKind::StepLists, "lists of steps").required()],
        description: "runs several lists of steps at the same time",
    },
    ActionSpec {
        name: "pause",
        keys: &[Key::new("pause", ValueKind::Duration, "the time to wait: 2s, 500ms").required()],
        description: "waits; `--depth` limits the waits of a scenario",
    },
    ActionSpec {
        name: "until",
        keys: &[
            Key::new("until", ValueKind::Text, "a time in the format of RFC 3339").required(),
            Key::new("within", ValueKind::Duration, "maximum wait: 2s, 500ms").required(),
        ],
        description: "waits until a time of an earlier response; `--depth` limits `within`",
    },
    ActionSpec {
        name: "any-of",
        keys: &[Key::new("any-of", ValueKind::Steps, "the steps to choose from").required()],
        description: "runs one of the steps, chosen by the seed; it is skipped if it cannot run",
    },
];

/// The actions other than operations.
pub static ACTIONS: &[ActionSpec] = &[
    ActionSpec {
        name: "connect",
        keys: &[
            Key::new("room", ValueKind::Text, "id of the room; by default {room.id}"),
            Key::new(
                "origin",
                ValueKind::Text,
                "the `Origin` of another site: https://attacker.example",
            ),
            Key::new(
                "compression",
                ValueKind::Flag,
                "true: the handshake offers `permessage-deflate` (RFC 7692)",
            ),
            AS,
            SOCKET,
            EXPECT,
            REQUIREMENT,
        ],
        description: "opens a socket; a second socket of the same actor requires its own name",
    },
    ActionSpec {
        name: "reconnect",
        keys: &[AS, SOCKET, EXPECT, REQUIREMENT],
        description: "closes a socket and opens it again",
    },
    ActionSpec { name: "disconnect", keys: &[SOCKET], description: "closes a socket" },
    ActionSpec {
        name: "say",
        keys: &[
            Key::new("text", ValueKind::Text, "text of the message").required(),
            Key::new("reply_to", ValueKind::Text, "id of the message that it replies to"),
            SAVE,
            SOCKET,
        ],
        description: "sends a chat message and waits until every open socket of the room received it",
    },
    ActionSpec {
        name: "fence",
        keys: &[SOCKET],
        description: "sends a chat message and waits until every open socket of the room received \
                      it; events that have not arrived by then do not arrive any more",
    },
    ActionSpec {
        name: "typing",
        keys: &[
            Key::new(
                "is_typing",
                ValueKind::Flag,
                "whether typing begins or ends; by default true",
            ),
            SOCKET,
        ],
        description: "sends a typing event",
    },
    ActionSpec {
        name: "read_receipt",
        keys: &[Key::new("message", ValueKind::Text, "id of the message").required(), SOCKET],
        description: "sends a read receipt",
    },
    ActionSpec { name: "mark_room_read", keys: &[SOCKET], description: "marks the room as read" },
    ActionSpec {
        name: "send",
        keys: &[
            Key::new("event", ValueKind::Mapping, "an event as JSON"),
            Key::new("text", ValueKind::Text, "content of a text frame"),
            Key::new("binary", ValueKind::Text, "content of a binary frame"),
            ALLOW_INVALID,
            SOCKET,
        ],
        description: "sends a frame",
    },
    ActionSpec {
        name: "probe",
        keys: &[
            Key::new("kind", ValueKind::Probe, "the frames: ping, fragments, invalid-text, …")
                .required(),
            SOCKET,
        ],
        description: "sends frames that show how the target handles a part of RFC 6455, and waits \
                      for its reaction; `close` and the invalid ones end the connection",
    },
    ActionSpec {
        name: "request",
        keys: &[
            Key::new("method", ValueKind::Method, "the method: HEAD, OPTIONS, PUT or GET")
                .required(),
            Key::new("operation", ValueKind::Operation, "the operation whose path is used")
                .required(),
            AT,
            QUERY,
        ],
        description: "sends the request of an operation with another method, without a body",
    },
    ActionSpec {
        name: "await",
        keys: &[
            EVENT,
            Key::new("fields", ValueKind::Mapping, "the required fields, by dotted path"),
            SOCKET,
        ],
        description: "waits for an event; the scenario stops if it does not arrive",
    },
    ActionSpec {
        name: "expect",
        keys: &[EVENT, WHERE, WITHIN, SAVE, SOCKET, REQUIREMENT],
        description: "expects an event; each received event satisfies at most one expectation",
    },
    ActionSpec {
        name: "expect-nothing",
        keys: &[EVENT, WHERE, SOCKET, REQUIREMENT],
        description: "expects that no such event arrived between the last two fences, or between \
                      the opening of the socket and the fence; must follow a fence",
    },
    ActionSpec {
        name: "fetch",
        keys: &[URL, AS, EXPECT, REQUIREMENT],
        description: "fetches a URL of the target, such as an attachment",
    },
    ActionSpec {
        name: "walk",
        keys: &[QUERY, AS, Key::new("between", ValueKind::Steps, "steps that run after each page")],
        description: "lists messages page by page, following `next`",
    },
];

/// The keys of a step that calls an operation; [`keys_of`] selects the ones that apply.
pub static CALL: &[Key] = &[
    AT,
    QUERY,
    Key::new("body", ValueKind::Any, "a JSON body"),
    Key::new("raw", ValueKind::Text, "a body that is sent unchanged"),
    Key::new("content_type", ValueKind::Text, "content type of `raw`; by default application/json"),
    Key::new("form", ValueKind::Mapping, "fields of a multipart form; requires `file`"),
    Key::new("file", ValueKind::File, "the file of the multipart form; requires `form`"),
    ALLOW_INVALID,
    AS,
    SAVE,
    EXPECT,
    WITHIN,
    REQUIREMENT,
];

/// The keys of a step that calls `operation`.
pub fn keys_of(operation: Operation) -> Vec<Key> {
    let spec = operation.spec();
    CALL.iter()
        .filter_map(|key| match key.name {
            "at" => (spec.path_parameters().next().is_some()).then(|| key.required()),
            "form" | "file" => matches!(spec.body, RequestBody::JsonOrMultipart).then_some(*key),
            _ => Some(*key),
        })
        .collect()
}

/// The action with this name.
pub fn action(name: &str) -> Option<&'static ActionSpec> {
    ACTIONS.iter().find(|action| action.name == name)
}

/// Names of the actions, then of the operations.
pub fn action_names() -> impl Iterator<Item = &'static str> + Clone {
    ACTIONS.iter().map(|action| action.name).chain(OPERATIONS.iter().map(|row| row.id))
}

/// Every key of steps, each once.
pub fn step_keys() -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    let tables = CONTROLS.iter().chain(ACTIONS).map(|action| action.keys).chain([CALL]);
    for key in tables.flatten() {
        if !keys.iter().any(|known| known.name == key.name && known.kind == key.kind) {
            keys.push(*key);
        }
    }
    keys
}

/// The kinds of tokens that actors can send.
pub static CREDENTIALS: &[&str] = &[
    "access",
    "refreshed",
    "earlier",
    "anonymous",
    "garbage",
    "tampered",
    "alg-none",
    "expired",
    "expiring",
    "refresh-as-access",
    "access-as-refresh",
    "superseded",
];

/// The methods of `request`: two safe ones, one that no operation has, and GET, whose headers are recorded.
pub static METHODS: &[&str] = &["HEAD", "OPTIONS", "PUT", "GET"];

/// The kinds of rooms at the beginning of a scenario.
pub static ROOMS: &[&str] = &["group", "direct", "none"];

/// The first parts of paths into a response.
pub static RESPONSE: &[&str] = &["status", "body"];

/// The first parts of paths into the result of a handshake.
pub static HANDSHAKE: &[&str] = &["opened", "status", "event"];
