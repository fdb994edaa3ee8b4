//! The words of the language: what may stand where, and what it means.
//!
//! Reading, linting and the published schema go by these tables; a new word is a row here.

use hearback_contract::operation::OPERATIONS;
use hearback_contract::{Operation, RequestBody};

/// What may stand as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Text.
    Text,
    /// Text or a number.
    Scalar,
    /// A name under which something is kept.
    Name,
    /// Anything.
    Any,
    /// Names and values.
    Mapping,
    /// A whole number, 1 or more.
    Count,
    /// `true` or `false`.
    Flag,
    /// `2s`, `500ms`.
    Duration,
    /// The type of an event that the server sends.
    ServerEvent,
    /// A kind of token.
    Credential,
    /// A requirement's id.
    Requirement,
    /// Requirements' ids, or what they begin with.
    Requirements,
    /// Dotted paths, and what is expected there.
    Fields,
    /// A file to send.
    File,
    /// Names of actors.
    Actors,
    /// What room there is at the beginning.
    Room,
    /// Variants by name.
    Variants,
    /// One name, and its values.
    Loop,
    /// Steps.
    Steps,
    /// Lists of steps.
    Branches,
}

/// A key and what may stand there.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub shape: Shape,
    /// Whether it must be there.
    pub required: bool,
    /// What it says.
    pub description: &'static str,
}

impl Key {
    const fn new(name: &'static str, shape: Shape, description: &'static str) -> Self {
        Self { name, shape, required: false, description }
    }

    const fn required(self) -> Self {
        Self { required: true, ..self }
    }
}

/// Something that an actor can do, beside the operations.
#[derive(Clone, Copy, Debug)]
pub struct Verb {
    /// What is written after the actor.
    pub name: &'static str,
    /// The keys that may stand beside it.
    pub keys: &'static [Key],
    /// What it does.
    pub description: &'static str,
}

const SOCKET: Key = Key::new("socket", Shape::Name, "which socket; the actor's own if not given");
const SAVE: Key = Key::new("save", Shape::Name, "the name under which what came is kept");
const AS: Key = Key::new("as", Shape::Credential, "the kind of token to show");
const EXPECT: Key = Key::new("expect", Shape::Fields, "what the answer is expected to be");
const WITHIN: Key = Key::new("within", Shape::Duration, "how long it may take: 2s, 500ms");
const REQUIREMENT: Key =
    Key::new("requirement", Shape::Requirement, "the requirement that the expectation speaks to");
const EVENT: Key = Key::new("event", Shape::ServerEvent, "the event's type").required();
const WHERE: Key = Key::new("where", Shape::Fields, "what the event is expected to hold");
const QUERY: Key = Key::new("query", Shape::Mapping, "query parameters");
const AT: Key = Key::new("at", Shape::Scalar, "the id in the path");
const DELIBERATE: Key = Key::new(
    "allow_invalid",
    Shape::Flag,
    "true: what is sent is not as documented, on purpose; lint says nothing of it",
);
const URL: Key = Key::new("url", Shape::Text, "the URL").required();

/// The keys of a file.
pub static FILE: &[Key] = &[
    Key::new("title", Shape::Text, "what the scenario shows, one sentence").required(),
    Key::new("requirements", Shape::Requirements, "the requirements that it speaks to"),
    Key::new("actors", Shape::Actors, "who takes part; the first one can create rooms").required(),
    Key::new("room", Shape::Room, "the room that it begins with: group, direct or none"),
    Key::new("members", Shape::Actors, "actors in that room, beside the first one"),
    Key::new(
        "best_effort",
        Shape::Flag,
        "true: a step that cannot be carried out is left out, instead of ending the scenario",
    ),
    Key::new("variants", Shape::Variants, "each carries out the steps with values of its own"),
    Key::new("steps", Shape::Steps, "who does what, in order").required(),
];

/// The keys of a variant.
pub static VARIANT: &[Key] = &[
    Key::new("requirements", Shape::Requirements, "further requirements that it speaks to"),
    Key::new("values", Shape::Mapping, "values by name"),
];

/// The keys of a file to send.
pub static FILE_SOURCE: &[Key] = &[
    Key::new("name", Shape::Text, "its name").required(),
    Key::new("content_type", Shape::Text, "its content type").required(),
    Key::new("text", Shape::Text, "its bytes, as text"),
    Key::new("base64", Shape::Text, "its bytes, in base64"),
];

const DO: Key = Key::new("do", Shape::Steps, "the steps that are carried out again").required();

/// Steps that carry out other steps, by their first key.
pub static CONTROLS: &[Verb] = &[
    Verb {
        name: "for",
        keys: &[
            Key::new("for", Shape::Loop, "a name, and the values that it takes").required(),
            DO,
        ],
        description: "carries out steps once for each value",
    },
    Verb {
        name: "repeat",
        keys: &[Key::new("repeat", Shape::Count, "how many times").required(), DO],
        description: "carries out steps so many times; {index} counts from 1",
    },
    Verb {
        name: "parallel",
        keys: &[Key::new("parallel", Shape::Branches, "lists of steps").required()],
        description: "carries out several lists of steps at the same time",
    },
    Verb {
        name: "any-of",
        keys: &[Key::new("any-of", Shape::Steps, "the steps to choose from").required()],
        description: "carries out one of the steps, as the seed has it; one that cannot be carried \
                      out at the moment is left out",
    },
];

/// What an actor can do beside calling operations.
pub static VERBS: &[Verb] = &[
    Verb {
        name: "connect",
        keys: &[
            Key::new("room", Shape::Text, "the room's id; {room.id} if not given"),
            AS,
            SOCKET,
            EXPECT,
            REQUIREMENT,
        ],
        description: "opens a socket; a second one of the same actor needs a name of its own",
    },
    Verb {
        name: "reconnect",
        keys: &[AS, SOCKET, EXPECT, REQUIREMENT],
        description: "closes a socket and opens it again",
    },
    Verb { name: "disconnect", keys: &[SOCKET], description: "closes a socket" },
    Verb {
        name: "say",
        keys: &[
            Key::new("text", Shape::Text, "what is said").required(),
            Key::new("reply_to", Shape::Text, "the answered message's id"),
            SAVE,
            SOCKET,
        ],
        description: "sends a chat message and waits until every open socket of the room has it",
    },
    Verb {
        name: "fence",
        keys: &[SOCKET],
        description: "says something and waits until every open socket of the room has it: what \
                      was to come before has come, and expect-nothing can be believed",
    },
    Verb {
        name: "typing",
        keys: &[Key::new("is_typing", Shape::Flag, "begins or ends; true if not given"), SOCKET],
        description: "sends a typing event",
    },
    Verb {
        name: "read_receipt",
        keys: &[Key::new("message", Shape::Text, "the message's id").required(), SOCKET],
        description: "sends a read receipt",
    },
    Verb { name: "mark_room_read", keys: &[SOCKET], description: "marks the room read by socket" },
    Verb {
        name: "send",
        keys: &[
            Key::new("event", Shape::Mapping, "a frame as JSON"),
            Key::new("text", Shape::Text, "a frame as it stands"),
            Key::new("binary", Shape::Text, "a binary frame of this text"),
            DELIBERATE,
            SOCKET,
        ],
        description: "sends any frame",
    },
    Verb {
        name: "await",
        keys: &[
            EVENT,
            Key::new("fields", Shape::Mapping, "members that it must have, by dotted path"),
            SOCKET,
        ],
        description: "waits for an event; without it the scenario cannot go on",
    },
    Verb {
        name: "expect",
        keys: &[EVENT, WHERE, WITHIN, SAVE, SOCKET, REQUIREMENT],
        description: "expects an event; each received event is taken by one expectation at most",
    },
    Verb {
        name: "expect-nothing",
        keys: &[EVENT, WHERE, SOCKET, REQUIREMENT],
        description: "expects that no such event came between the last two fences, or since the \
                      socket was opened; comes after a fence",
    },
    Verb {
        name: "fetch",
        keys: &[URL, EXPECT, REQUIREMENT],
        description: "fetches what a URL of the target names, an attachment",
    },
    Verb {
        name: "walk",
        keys: &[
            QUERY,
            AS,
            Key::new("between", Shape::Steps, "steps that are carried out after each page"),
        ],
        description: "lists messages page after page, as `next` leads",
    },
];

/// The keys that may stand beside an operation; `at` and a body only where it has them.
pub static CALL: &[Key] = &[
    AT,
    QUERY,
    Key::new("body", Shape::Any, "a JSON body"),
    Key::new("raw", Shape::Text, "a body sent as it stands"),
    Key::new("content_type", Shape::Text, "the content type of `raw`; JSON's if not given"),
    Key::new("form", Shape::Mapping, "fields of a form; goes with `file`"),
    Key::new("file", Shape::File, "the file of a form"),
    DELIBERATE,
    AS,
    SAVE,
    EXPECT,
    WITHIN,
    REQUIREMENT,
];

/// The keys that may stand beside this operation.
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

/// The verb of that name.
pub fn verb(name: &str) -> Option<&'static Verb> {
    VERBS.iter().find(|verb| verb.name == name)
}

/// Everything that can be written after an actor: the verbs, then the operations.
pub fn verb_names() -> impl Iterator<Item = &'static str> + Clone {
    VERBS.iter().map(|verb| verb.name).chain(OPERATIONS.iter().map(|row| row.id))
}

/// Every key that can stand in a step, each once.
pub fn step_keys() -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    let tables = CONTROLS.iter().chain(VERBS).map(|verb| verb.keys).chain([CALL]);
    for key in tables.flatten() {
        if !keys.iter().any(|known| known.name == key.name && known.shape == key.shape) {
            keys.push(*key);
        }
    }
    keys
}

/// The kinds of tokens that can be shown.
pub static CREDENTIALS: &[&str] = &[
    "access",
    "refreshed",
    "anonymous",
    "garbage",
    "tampered",
    "alg-none",
    "expired",
    "refresh-as-access",
    "access-as-refresh",
];

/// The rooms that a scenario can begin with.
pub static ROOMS: &[&str] = &["group", "direct", "none"];

/// What can be expected of an answer, as the beginning of a path.
pub static ANSWER: &[&str] = &["status", "body"];

/// What can be expected of a handshake, as the beginning of a path.
pub static HANDSHAKE: &[&str] = &["opened", "status", "event"];

/// The operand of a matcher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// Any value.
    Value,
    /// A value, or matchers.
    Matchers,
    /// A part of a text; an item of a list, or what its members are expected to be.
    Part,
    /// A regular expression.
    Pattern,
    /// Several values.
    Values,
    /// A number.
    Number,
    /// `{ from, by }`.
    Increase,
    /// A time, RFC 3339.
    Time,
    /// `true` or `false`.
    Flag,
}

/// A word that says what a value is expected to be.
#[derive(Clone, Copy, Debug)]
pub struct MatcherWord {
    /// The word.
    pub name: &'static str,
    /// What follows it.
    pub operand: Operand,
    /// What it says.
    pub description: &'static str,
}

const fn matcher(name: &'static str, operand: Operand, description: &'static str) -> MatcherWord {
    MatcherWord { name, operand, description }
}

/// The matchers; a value that is no mapping stands for `equals`.
pub static MATCHERS: &[MatcherWord] = &[
    matcher("equals", Operand::Value, "is this value"),
    matcher("not", Operand::Matchers, "is there, and does not match"),
    matcher("contains", Operand::Part, "a text with this part, or a list with such an item"),
    matcher("matches", Operand::Pattern, "a text that the regular expression finds something in"),
    matcher("one-of", Operand::Values, "is one of these values"),
    matcher("at-least", Operand::Number, "a number, this or more"),
    matcher("at-most", Operand::Number, "a number, this or less"),
    matcher("increased-by", Operand::Increase, "`from`, a number kept earlier, and `by` more"),
    matcher("before", Operand::Time, "a time before this one"),
    matcher("after", Operand::Time, "a time after this one"),
    matcher("present", Operand::Flag, "is there, whatever it is; `false`: is not"),
    matcher("absent", Operand::Flag, "is not there; `false`: is"),
    matcher("length", Operand::Matchers, "characters of a text, items of a list or mapping"),
];
