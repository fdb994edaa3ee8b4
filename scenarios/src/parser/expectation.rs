//! Expectations: dotted paths and their matchers.

use hearback_contract::{Access, ServerEvent, UnknownId};
use regex::Regex;
use serde_json::{Value, json};

use super::value::duration;
use super::{Entries, Parser};
use crate::diagnostic::listed;
use crate::grammar::{MATCHERS, Operand};
use crate::matcher::{Fields, Matcher};
use crate::step::Expectation;
use crate::syntax::{Content, Entry, Node};
use crate::template;

impl Parser<'_> {
    /// The expectation about a response or a handshake; each of its paths begins with one of `parts`.
    pub(super) fn response_expectation(
        &mut self,
        arguments: &Entries<'_>,
        parts: &[&str],
        access: Option<Access>,
    ) -> Option<Expectation> {
        let Some(expect) = arguments.node("expect") else {
            for key in ["within", "requirement"] {
                if let Some(entry) = arguments.entry(key) {
                    let help = "for example `expect: { status: 200 }`";
                    self.error(entry.span, format!("`{key}` requires `expect`"), help);
                }
            }
            return None;
        };
        for field in expect.as_mapping().unwrap_or_default() {
            let first = field.key.split('.').next().unwrap_or_default();
            if !parts.contains(&first) {
                self.unknown(field.span, "part of a response", first, parts.iter().copied());
            }
        }
        if let Some(within) = arguments.entry("within")
            && access != Some(Access::Read)
        {
            let help = "read the result in a step of its own: { alice: rooms.get, …, within: 2s }";
            self.error(within.span, "`within` requires an operation that only reads", help);
        }
        Some(self.expectation(arguments, Some(expect)))
    }

    /// The event of a step that expects it, or expects its absence.
    pub(super) fn event_expectation(
        &mut self,
        arguments: &Entries<'_>,
    ) -> Option<(ServerEvent, Expectation)> {
        let fields = arguments.node("where");
        let expectation = self.expectation(arguments, fields);
        let event = arguments.text("event")?.parse().ok()?;
        self.check_event_fields(event, fields);
        Some((event, expectation))
    }

    fn expectation(&mut self, arguments: &Entries<'_>, fields: Option<&Node>) -> Expectation {
        Expectation {
            fields: fields.map(|node| self.fields(node)).unwrap_or_default(),
            within: arguments.text("within").as_deref().and_then(duration),
            requirement: arguments.text("requirement").and_then(|id| id.parse().ok()),
        }
    }

    fn fields(&mut self, node: &Node) -> Fields {
        let entries = node.as_mapping().unwrap_or_default();
        Fields(
            entries.iter().map(|entry| (entry.key.clone(), self.matchers(&entry.node))).collect(),
        )
    }

    /// A plain value means `equals`; a mapping contains matchers, all of which must match.
    fn matchers(&mut self, node: &Node) -> Vec<Matcher> {
        match &node.content {
            Content::Mapping(entries) if entries.is_empty() => {
                let help = listed("matchers", MATCHERS.iter().map(|matcher| matcher.name));
                self.error(node.span, "missing matcher, or value", help);
                Vec::new()
            }
            Content::Mapping(entries) => {
                entries.iter().filter_map(|entry| self.matcher(entry)).collect()
            }
            _ => vec![Matcher::Equals(node.to_value())],
        }
    }

    fn matcher(&mut self, entry: &Entry) -> Option<Matcher> {
        let Some(spec) = MATCHERS.iter().find(|spec| spec.name == entry.key) else {
            let names = || MATCHERS.iter().map(|spec| spec.name);
            let error = UnknownId::new("matcher", &entry.key, names());
            let help = listed("for a nested field, use a dotted path, a.b; matchers", names());
            self.error(entry.span, error.to_string(), help);
            return None;
        };
        let node = &entry.node;
        let value = node.to_value();
        if let Some(expected) = expected_instead(spec.operand, node, &value) {
            let message = format!("invalid operand of `{}`: expected {expected}", spec.name);
            self.error(node.span, message, format!("`{}`: {}", spec.name, spec.description));
            return None;
        }
        let member = |name: &str| value.get(name).cloned().unwrap_or_default();
        Some(match spec.name {
            "not" => Matcher::Not(self.matchers(node)),
            "contains" if node.as_mapping().is_some() => Matcher::ContainsItem(self.fields(node)),
            "contains" => Matcher::Contains(value),
            "matches" => Matcher::Matches(node.as_text()?.to_owned()),
            "one-of" => Matcher::OneOf(value),
            "at-least" => Matcher::AtLeast(value),
            "at-most" => Matcher::AtMost(value),
            "increased-by" => Matcher::IncreasedBy { from: member("from"), by: member("by") },
            "before" => Matcher::Before(value),
            "after" => Matcher::After(value),
            "present" => Matcher::Present(value == json!(true)),
            "absent" => Matcher::Present(value == json!(false)),
            "length" => Matcher::Length(self.matchers(node)),
            _equals => Matcher::Equals(value),
        })
    }
}

/// A description of the expected operands, if `value` has another kind; placeholders may have any kind.
fn expected_instead(operand: Operand, node: &Node, value: &Value) -> Option<&'static str> {
    let is_template =
        node.as_text().is_some_and(|text| template::placeholders(text).next().is_some());
    let (is_valid, expected) = match operand {
        Operand::Value | Operand::Matchers | Operand::Part => (true, ""),
        Operand::Pattern => {
            let is_valid = |text: &str| is_template || Regex::new(text).is_ok();
            (node.as_text().is_some_and(is_valid), "a regular expression")
        }
        Operand::Values => (is_template || value.is_array(), "a list of values"),
        Operand::Number => (is_template || value.is_number(), "a number"),
        Operand::Increase => {
            let names = node.as_mapping().unwrap_or_default();
            let mut names: Vec<_> = names.iter().map(|entry| entry.key.as_str()).collect();
            names.sort_unstable();
            (names == ["by", "from"], "two numbers: { from: '{earlier}', by: 1 }")
        }
        Operand::Time => {
            let is_time = |text: &str| text.parse::<jiff::Timestamp>().is_ok();
            (
                is_template || node.as_text().is_some_and(is_time),
                "a time such as 2026-01-31T12:00:00Z",
            )
        }
        Operand::Flag => (value.is_boolean(), "true or false"),
    };
    (!is_valid).then_some(expected)
}
