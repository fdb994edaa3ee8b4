//! Warnings about payloads that deviate from the documented schemas.
//!
//! A deviation is a legitimate test, so a step that expects a rejection or allows invalid payloads causes no
//! warning.

use hearback_contract::Operation;
use serde_json::{Value, json};

use super::{Entries, Parser};
use crate::diagnostic::Diagnostic;
use crate::matcher::{all_match, resolve_all};
use crate::payload::{self, Deviation};
use crate::step::Expectation;
use crate::syntax::{Content, Entry, Node, Span};
use crate::template::Variables;

const INTENDED: &str = "if intended, add `allow_invalid: true`";

impl Parser<'_> {
    /// Warns about a body that deviates from its schema, unless a rejection is expected.
    pub(super) fn check_body(
        &mut self,
        operation: Operation,
        span: Span,
        arguments: &Entries<'_>,
        expect: Option<&Expectation>,
    ) {
        if expect.is_some_and(|expect| expects_refusal(operation, expect)) {
            return;
        }
        if let Some(entry) = arguments.entry("body") {
            let deviations = payload::body_deviations(operation, &entry.node.to_value());
            self.deviations(entry, deviations, arguments);
        } else if let Some(entry) = arguments.entry("form") {
            let deviations = payload::form_deviations(operation, &entry.node.to_value());
            self.deviations(entry, deviations, arguments);
        } else if arguments.entry("raw").is_none()
            && payload::requires_body(operation)
            && !is_intended(arguments)
        {
            let message = format!("`{operation}` requires a body");
            self.report(Diagnostic::warning(span, message).help(INTENDED));
        }
    }

    /// Warns about an event that deviates from its schema.
    pub(super) fn check_event(&mut self, arguments: &Entries<'_>) {
        if let Some(entry) = arguments.entry("event") {
            let deviations = payload::event_deviations(&entry.node.to_value());
            self.deviations(entry, deviations, arguments);
        }
    }

    /// Warns about an operand of an action that cannot be the id of a message.
    pub(super) fn check_message_id(&mut self, node: Option<&Node>) {
        let Some(node) = node else { return };
        let event = json!({ "type": "read_receipt", "message_id": node.to_value() });
        for deviation in payload::event_deviations(&event) {
            let help = "to send an invalid id, use `send`";
            self.report(Diagnostic::warning(node.span, deviation.message).help(help));
        }
    }

    fn deviations(&mut self, entry: &Entry, found: Vec<Deviation>, arguments: &Entries<'_>) {
        if is_intended(arguments) {
            let marker = arguments.entry("allow_invalid").filter(|_| found.is_empty());
            let is_known = !payload::has_placeholder(&entry.node.to_value());
            if let Some(marker) = marker.filter(|_| is_known) {
                let message = format!("unnecessary `allow_invalid`: `{}` conforms", entry.key);
                let help = "remove `allow_invalid`";
                self.report(Diagnostic::warning(marker.span, message).help(help));
            }
            return;
        }
        for Deviation { pointer, is_name, message, help } in found {
            let span = span_of(entry, &pointer, is_name);
            let help =
                help.map_or_else(|| INTENDED.to_owned(), |help| format!("{help}; {INTENDED}"));
            self.report(Diagnostic::warning(span, message).help(help));
        }
    }
}

/// True if the step sends an invalid payload on purpose.
pub(super) fn is_intended(arguments: &Entries<'_>) -> bool {
    arguments.value("allow_invalid") == Some(Value::Bool(true))
}

/// True if the expected status excludes success, or contains a placeholder.
fn expects_refusal(operation: Operation, expect: &Expectation) -> bool {
    expect.fields.0.iter().filter(|(path, _)| path == "status").any(|(_, matchers)| {
        let Ok(matchers) = resolve_all(matchers, &Variables::default()) else { return true };
        let success = operation.spec().success.iter();
        !success.copied().any(|status| all_match(&matchers, Some(&Value::from(status))))
    })
}

/// The span of the part of `entry` at `pointer`; of its key for mappings, which may span several lines.
fn span_of(entry: &Entry, pointer: &str, is_name: bool) -> Span {
    let (mut name, mut node) = (entry.span, &entry.node);
    for part in pointer.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        match &node.content {
            Content::Mapping(entries) => {
                let Some(found) = entries.iter().find(|entry| entry.key == part) else { break };
                (name, node) = (found.span, &found.node);
            }
            Content::List(items) => {
                let Some(item) = items.get(part.parse::<usize>().unwrap_or_default()) else {
                    break;
                };
                (name, node) = (item.span, item);
            }
            Content::Scalar(_) => break,
        }
    }
    if is_name || node.as_mapping().is_some() { name } else { node.span }
}
