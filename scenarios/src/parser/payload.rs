//! What is sent, against the documented schemas. Sending something else is a legitimate test, so it is
//! only warned of, and not where a step says that it is meant.

use hearback_contract::Operation;
use serde_json::{Value, json};

use super::{Entries, Reader};
use crate::diagnostic::Diagnostic;
use crate::matcher::{all_hold, resolve_all};
use crate::payload::{self, Deviation};
use crate::step::Expectation;
use crate::syntax::{Content, Entry, Node, Place};
use crate::template::Variables;

const MEANT: &str = "if it is meant: `allow_invalid: true` beside it";

impl Reader<'_> {
    /// Warns of a body that is not as documented, unless a refusal is expected.
    pub(super) fn body(
        &mut self,
        operation: Operation,
        place: Place,
        arguments: &Entries<'_>,
        expect: Option<&Expectation>,
    ) {
        if expect.is_some_and(|expect| expects_refusal(operation, expect)) {
            return;
        }
        if let Some(entry) = arguments.entry("body") {
            let deviations = payload::of_body(operation, &entry.node.to_value());
            self.deviations(entry, deviations, arguments);
        } else if let Some(entry) = arguments.entry("form") {
            let deviations = payload::of_form(operation, &entry.node.to_value());
            self.deviations(entry, deviations, arguments);
        } else if arguments.entry("raw").is_none()
            && payload::is_needed(operation)
            && !is_meant(arguments)
        {
            let message = format!("`{operation}` is documented with a body");
            self.report(Diagnostic::warning(place, message).help(MEANT));
        }
    }

    /// Warns of an event that is not as documented.
    pub(super) fn sent(&mut self, arguments: &Entries<'_>) {
        if let Some(entry) = arguments.entry("event") {
            let deviations = payload::of_event(&entry.node.to_value());
            self.deviations(entry, deviations, arguments);
        }
    }

    /// Warns of an id of a message, as a verb takes it, that is none.
    pub(super) fn message_id(&mut self, node: Option<&Node>) {
        let Some(node) = node else { return };
        let event = json!({ "type": "read_receipt", "message_id": node.to_value() });
        for deviation in payload::of_event(&event) {
            let help = "what is wrong on purpose goes with `send`";
            self.report(Diagnostic::warning(node.place, deviation.message).help(help));
        }
    }

    fn deviations(&mut self, entry: &Entry, found: Vec<Deviation>, arguments: &Entries<'_>) {
        if is_meant(arguments) {
            let marker = arguments.entry("allow_invalid").filter(|_| found.is_empty());
            if let Some(marker) = marker.filter(|_| !payload::is_open(&entry.node.to_value())) {
                let message = format!("`{}` is as documented here", entry.key);
                let help = "`allow_invalid` is for what is wrong on purpose";
                self.report(Diagnostic::warning(marker.place, message).help(help));
            }
            return;
        }
        for Deviation { pointer, is_name, message, help } in found {
            let place = place_of(entry, &pointer, is_name);
            let help = help.map_or_else(|| MEANT.to_owned(), |help| format!("{help}; {MEANT}"));
            self.report(Diagnostic::warning(place, message).help(help));
        }
    }
}

/// Whether the step says that what it sends is wrong on purpose.
fn is_meant(arguments: &Entries<'_>) -> bool {
    arguments.value("allow_invalid") == Some(Value::Bool(true))
}

/// Whether the expected status is none of success; one that is known only in the run may be so.
fn expects_refusal(operation: Operation, expect: &Expectation) -> bool {
    expect.fields.0.iter().filter(|(path, _)| path == "status").any(|(_, matchers)| {
        let Ok(matchers) = resolve_all(matchers, &Variables::default()) else { return true };
        let success = operation.spec().success.iter();
        !success.copied().any(|status| all_hold(&matchers, Some(&Value::from(status))))
    })
}

/// Where the part of `entry` that `pointer` leads to stands.
///
/// What spans lines, such as a mapping that lacks a member, is shown by its key.
fn place_of(entry: &Entry, pointer: &str, is_name: bool) -> Place {
    let (mut name, mut node) = (entry.place, &entry.node);
    for part in pointer.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        match &node.content {
            Content::Mapping(entries) => {
                let Some(found) = entries.iter().find(|entry| entry.key == part) else { break };
                (name, node) = (found.place, &found.node);
            }
            Content::List(items) => {
                let Some(item) = items.get(part.parse::<usize>().unwrap_or_default()) else {
                    break;
                };
                (name, node) = (item.place, item);
            }
            Content::Scalar(_) => break,
        }
    }
    if is_name || node.as_mapping().is_some() { name } else { node.place }
}
