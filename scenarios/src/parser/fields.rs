//! Errors about expected fields that the specification does not document.

use hearback_contract::schemas::{self, SchemaPart};
use hearback_contract::{Operation, ServerEvent};
use serde_json::{Value, json};

use super::{Entries, Parser};
use crate::diagnostic::listed_beside;
use crate::matcher::{all_match, resolve_all};
use crate::step::Expectation;
use crate::syntax::{Entry, Node};
use crate::template::Variables;

const MISSING: &str = "to expect that a field is missing, use `absent: true`";

impl Parser<'_> {
    /// Rejects paths below `body` that no response with an expected status has.
    pub(super) fn check_response_fields(
        &mut self,
        operation: Operation,
        arguments: &Entries<'_>,
        expect: Option<&Expectation>,
    ) {
        let (Some(node), Some(expect)) = (arguments.node("expect"), expect) else { return };
        let statuses = expected_statuses(operation, expect);
        let body = SchemaPart::any_of(
            statuses.into_iter().filter_map(|status| schemas::response(operation, status)),
        );
        for entry in node.as_mapping().unwrap_or_default() {
            match entry.key.strip_prefix("body") {
                Some("") => self.check_matchers("response field", &body, &entry.node),
                Some(path) if path.starts_with('.') => {
                    self.check_field("response field", &body, &path[1..], entry);
                }
                _ => {}
            }
        }
    }

    /// Rejects paths that an event does not have.
    pub(super) fn check_event_fields(&mut self, event: ServerEvent, fields: Option<&Node>) {
        let schema = SchemaPart::any_of([schemas::server_event(event)]);
        for entry in fields.and_then(Node::as_mapping).unwrap_or_default() {
            self.check_field("event field", &schema, &entry.key, entry);
        }
    }

    /// Rejects paths of the first event that a new socket does not have.
    pub(super) fn check_handshake_fields(&mut self, arguments: &Entries<'_>) {
        let event = schemas::server_event(ServerEvent::ConnectionEstablished);
        let event = SchemaPart::any_of([event]);
        for entry in arguments.node("expect").and_then(Node::as_mapping).unwrap_or_default() {
            if let Some(path) = entry.key.strip_prefix("event.") {
                self.check_field("event field", &event, path, entry);
            }
        }
    }

    /// Rejects `path`, the field of `root` that `entry` is about, and about fields of its items.
    fn check_field(&mut self, kind: &'static str, root: &SchemaPart, path: &str, entry: &Entry) {
        if expects_absence(&entry.node) {
            return;
        }
        // The names after a placeholder are not known before the run.
        let (known, is_whole) = match path.split_once('{') {
            Some((known, _)) => (known.rsplit_once('.').map_or("", |(known, _)| known), false),
            None => (path, true),
        };
        let mut part = root.clone();
        for name in known.split('.').filter(|name| !name.is_empty()) {
            match part.member(kind, name) {
                Ok(member) => part = member,
                Err(error) => {
                    let names = part.names().into_iter();
                    let help = match listed_beside(&error, "documented here", names) {
                        Some(documented) => format!("{documented}; {MISSING}"),
                        None => MISSING.to_owned(),
                    };
                    self.error(entry.span, error.to_string(), help);
                    return;
                }
            }
        }
        if is_whole {
            self.check_matchers(kind, &part, &entry.node);
        }
    }

    /// Rejects the fields of items that `contains` names.
    fn check_matchers(&mut self, kind: &'static str, part: &SchemaPart, node: &Node) {
        for matcher in node.as_mapping().unwrap_or_default() {
            match matcher.key.as_str() {
                "contains" => {
                    for entry in matcher.node.as_mapping().unwrap_or_default() {
                        self.check_field(kind, &part.items(), &entry.key, entry);
                    }
                }
                "not" => self.check_matchers(kind, part, &matcher.node),
                _ => {}
            }
        }
    }
}

/// The documented statuses that match the expectation; all of them if it depends on a placeholder.
fn expected_statuses(operation: Operation, expect: &Expectation) -> Vec<u16> {
    let spec = operation.spec();
    let mut statuses = [spec.success, spec.refusals].concat();
    for (_, matchers) in expect.fields.0.iter().filter(|(path, _)| path == "status") {
        if let Ok(matchers) = resolve_all(matchers, &Variables::default()) {
            statuses.retain(|status| all_match(&matchers, Some(&Value::from(*status))));
        }
    }
    statuses
}

fn expects_absence(node: &Node) -> bool {
    node.as_mapping().unwrap_or_default().iter().any(|matcher| {
        let operand = matcher.node.to_value();
        match matcher.key.as_str() {
            "absent" => operand == json!(true),
            "present" => operand == json!(false),
            _ => false,
        }
    })
}
