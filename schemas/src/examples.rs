//! The JSON examples of the specification, as files, and the fixtures that are taken from them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use serde_json::Value;

use crate::schemas::parsed_files;

static FOLDER: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/examples");

static FILES: LazyLock<BTreeMap<&'static str, Value>> =
    LazyLock::new(|| parsed_files(&FOLDER).collect());

/// A JSON example of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// Stable name, and the stem of its file in `examples/`.
    pub name: &'static str,
    /// The heading of the specification that it is below.
    pub section: &'static str,
    /// The [`Schema::id`](crate::schemas::Schema::id) of the schema that it conforms to.
    pub schema: &'static str,
}

const fn row(name: &'static str, section: &'static str, schema: &'static str) -> Example {
    Example { name, section, schema }
}

/// Every JSON example, in the order of the specification.
#[rustfmt::skip]
pub static EXAMPLES: &[Example] = &[
    row("token.obtain.request", "Getting JWT Tokens", "rest/token.obtain.request.json"),
    row("token.obtain.200", "Getting JWT Tokens", "rest/token.obtain.200.json"),
    row("token.refresh.request", "Token Refresh", "rest/token.refresh.request.json"),
    row("rooms.list.200", "List All Rooms", "rest/rooms.list.200.json"),
    row("rooms.create.request.direct", "Create New Room", "rest/rooms.create.request.json"),
    row("rooms.create.request.group", "Create New Room", "rest/rooms.create.request.json"),
    row("rooms.create.request.task", "Create New Room", "rest/rooms.create.request.json"),
    row("rooms.get.200", "Get Room Details", "rest/rooms.get.200.json"),
    row("rooms.mark_read.200", "Mark Room as Read", "rest/rooms.mark_read.200.json"),
    row("rooms.leave.200", "Leave Room", "rest/rooms.leave.200.json"),
    row("rooms.stats.200", "Get Room Statistics", "rest/rooms.stats.200.json"),
    row("messages.list.200", "List Messages in Room", "rest/messages.list.200.json"),
    row("messages.send.request.text", "Send Message", "rest/messages.send.request.json"),
    row("messages.send.request.reply", "Send Message", "rest/messages.send.request.json"),
    row("messages.edit.request", "Edit Message", "rest/messages.edit.request.json"),
    row("participants.add.request", "Add Participant (Admin Only)", "rest/participants.add.request.json"),
    row("participants.mute.request.mute", "Mute/Unmute Notifications", "rest/participants.mute.request.json"),
    row("participants.mute.request.unmute", "Mute/Unmute Notifications", "rest/participants.mute.request.json"),
    row("server.connection_established", "Connection Established (Server → Client)", "socket/server/connection_established.json"),
    row("client.chat_message", "Chat Message (Bidirectional)", "socket/client/chat_message.json"),
    row("server.chat_message", "Chat Message (Bidirectional)", "socket/server/chat_message.json"),
    row("client.typing.start", "Typing Indicator (Bidirectional)", "socket/client/typing.json"),
    row("client.typing.stop", "Typing Indicator (Bidirectional)", "socket/client/typing.json"),
    row("server.typing", "Typing Indicator (Bidirectional)", "socket/server/typing.json"),
    row("client.read_receipt", "Read Receipt (Bidirectional)", "socket/client/read_receipt.json"),
    row("server.read_receipt", "Read Receipt (Bidirectional)", "socket/server/read_receipt.json"),
    row("client.mark_room_read", "Mark Room Read (Client → Server)", "socket/client/mark_room_read.json"),
    row("server.room_marked_read", "Mark Room Read (Client → Server)", "socket/server/room_marked_read.json"),
    row("server.error", "Error (Server → Client)", "socket/server/error.json"),
    row("error", "Error Response Format", "models/error.json"),
];

/// Name of each fixture, the example that contains it, and the JSON Pointer to it.
static FIXTURES: &[(&str, &str, &str)] = &[
    ("error", "error", ""),
    ("message", "messages.list.200", "/results/0"),
    ("page_of_messages", "messages.list.200", ""),
    ("page_of_rooms", "rooms.list.200", ""),
    ("participant", "rooms.get.200", "/participants/0"),
    ("room", "rooms.get.200", ""),
    ("room_stats", "rooms.stats.200", ""),
    ("room_summary", "rooms.list.200", "/results/0"),
    ("token_pair", "token.obtain.200", ""),
    ("user", "rooms.get.200", "/created_by"),
    // Server events by type, except that `error` is the body of a rejection.
    ("chat_message", "server.chat_message", ""),
    ("connection_established", "server.connection_established", ""),
    ("error_event", "server.error", ""),
    ("read_receipt", "server.read_receipt", ""),
    ("room_marked_read", "server.room_marked_read", ""),
    ("typing", "server.typing", ""),
];

/// The example with this name.
pub fn find(name: &str) -> Option<&'static Example> {
    EXAMPLES.iter().find(|example| example.name == name)
}

/// A fixture: part of an example, by a short name.
///
/// The names are `error`, `message`, `page_of_messages`, `page_of_rooms`, `participant`, `room`,
/// `room_stats`, `room_summary`, `token_pair` and `user`, and the types of the server events, except
/// that `error_event` is the event of type `error`.
pub fn fixture(name: &str) -> Option<&'static Value> {
    let (_, example, pointer) = FIXTURES.iter().find(|(fixture, _, _)| *fixture == name)?;
    find(example)?.value().pointer(pointer)
}

impl Example {
    /// The JSON of the example.
    pub fn value(&self) -> &'static Value {
        let file = format!("{}.json", self.name);
        FILES.get(file.as_str()).unwrap_or_else(|| panic!("no example file {file}"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{SPECIFICATION, ServerEvent, schemas, specification};

    /// The JSON of every `json` block and of every body in an `http` block.
    fn blocks(text: &str) -> Vec<Value> {
        let mut blocks = Vec::new();
        for fence in text.split("\n```").collect::<Vec<_>>() {
            let body = match fence.split_once('\n') {
                Some(("json", body)) => Some(body),
                Some(("http", request)) => request
                    .split_once("\n\n")
                    .map(|(_, body)| body)
                    .filter(|body| body.starts_with('{')),
                _ => None,
            };
            blocks.extend(body.map(|body| serde_json::from_str::<Value>(body).unwrap()));
        }
        blocks
    }

    #[test]
    fn examples_equal_those_of_the_specification_in_order() {
        let documented = blocks(SPECIFICATION);
        let written: Vec<Value> = EXAMPLES.iter().map(|example| example.value().clone()).collect();
        assert_eq!(documented.len(), 30);
        assert_eq!(written, documented);
    }

    #[test]
    fn each_file_has_a_row() {
        let rows: BTreeSet<String> =
            EXAMPLES.iter().map(|example| format!("{}.json", example.name)).collect();
        let files: BTreeSet<String> = FILES.keys().map(|file| (*file).to_owned()).collect();
        assert_eq!(rows, files);
        assert_eq!(rows.len(), EXAMPLES.len());
    }

    #[test]
    fn each_section_contains_its_examples() {
        for example in EXAMPLES {
            let section = specification::section(example.section).expect(example.section);
            assert!(blocks(section).contains(example.value()), "{}", example.name);
        }
    }

    #[test]
    fn each_example_conforms_to_its_schema() {
        for example in EXAMPLES {
            let schema = schemas::find(example.schema).expect(example.schema);
            assert_eq!(schema.violations(example.value()), [], "{}", example.name);
        }
    }

    #[test]
    fn each_fixture_exists() {
        for (name, _, _) in FIXTURES {
            assert!(fixture(name).is_some_and(Value::is_object), "{name}");
        }
        for event in ServerEvent::ALL {
            let name = if event == ServerEvent::Error { "error_event" } else { event.id() };
            assert_eq!(fixture(name).unwrap()["type"], event.id());
        }
        assert!(fixture("nothing").is_none());
    }
}
