//! Expectations: dotted paths, and the matchers that stand there.

use hearback_contract::{Access, ServerEvent};
use regex::Regex;
use serde_json::{Value, json};

use super::shape::duration;
use super::{Entries, Reader};
use crate::grammar::{MATCHERS, Operand};
use crate::matcher::{Fields, Matcher};
use crate::scope::suggestion;
use crate::step::Expectation;
use crate::syntax::{Content, Entry, Node};
use crate::template;

impl Reader<'_> {
    /// What is expected of the answer to a call or a handshake; its paths begin with one of `parts`.
    pub(super) fn answer(
        &mut self,
        arguments: &Entries<'_>,
        parts: &[&str],
        access: Option<Access>,
    ) -> Option<Expectation> {
        let Some(expect) = arguments.node("expect") else {
            for key in ["within", "requirement"] {
                if let Some(entry) = arguments.entry(key) {
                    let help = "expect: { status: 200 }";
                    self.error(entry.place, format!("`{key}` goes with `expect`"), help);
                }
            }
            return None;
        };
        for field in expect.as_mapping().unwrap_or_default() {
            let beginning = field.key.split('.').next().unwrap_or_default();
            if !parts.contains(&beginning) {
                let allowed = parts.iter().copied();
                let message = format!("an answer has no `{beginning}`");
                let help = suggestion(beginning, allowed, "a path begins with one of");
                self.error(field.place, message, help);
            }
        }
        if let Some(within) = arguments.entry("within")
            && access != Some(Access::Read)
        {
            let help = "read in a step of its own: { alice: rooms.get, …, within: 2s }";
            self.error(within.place, "only what changes nothing can be repeated for a while", help);
        }
        Some(self.expectation(arguments, Some(expect)))
    }

    /// The event that is expected, or not.
    pub(super) fn event(&mut self, arguments: &Entries<'_>) -> Option<(ServerEvent, Expectation)> {
        let expectation = self.expectation(arguments, arguments.node("where"));
        Some((arguments.text("event")?.parse().ok()?, expectation))
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

    /// A plain value stands for `equals`; a mapping holds matchers, all of which are meant.
    fn matchers(&mut self, node: &Node) -> Vec<Matcher> {
        match &node.content {
            Content::Mapping(entries) if entries.is_empty() => {
                let names = MATCHERS.iter().map(|word| word.name);
                let help = suggestion("", names, "one of, or a plain value");
                self.error(node.place, "what is expected here?", help);
                Vec::new()
            }
            Content::Mapping(entries) => {
                entries.iter().filter_map(|entry| self.matcher(entry)).collect()
            }
            _ => vec![Matcher::Equals(node.to_value())],
        }
    }

    fn matcher(&mut self, entry: &Entry) -> Option<Matcher> {
        let Some(word) = MATCHERS.iter().find(|word| word.name == entry.key) else {
            let help = format!(
                "a member of a member has a dotted path, a.b; {}",
                suggestion(&entry.key, MATCHERS.iter().map(|word| word.name), "matchers")
            );
            self.error(entry.place, format!("no matcher is called `{}`", entry.key), help);
            return None;
        };
        let node = &entry.node;
        let value = node.to_value();
        if let Some(needed) = self.needed(word.operand, node, &value) {
            let message = format!("`{}` takes {needed}", word.name);
            self.error(node.place, message, word.description);
            return None;
        }
        let member = |name: &str| value.get(name).cloned().unwrap_or_default();
        Some(match word.name {
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

    /// What the operand would be, if it is not. A placeholder can be anything until it is replaced.
    fn needed(&self, operand: Operand, node: &Node, value: &Value) -> Option<&'static str> {
        let is_open =
            node.as_text().is_some_and(|text| template::placeholders(text).next().is_some());
        let (fits, needed) = match operand {
            Operand::Value | Operand::Matchers | Operand::Part => (true, ""),
            Operand::Pattern => {
                let fits = |text: &str| is_open || Regex::new(text).is_ok();
                (node.as_text().is_some_and(fits), "a regular expression")
            }
            Operand::Values => (is_open || value.is_array(), "a list of values"),
            Operand::Number => (is_open || value.is_number(), "a number"),
            Operand::Increase => {
                let names = node.as_mapping().unwrap_or_default();
                let mut names: Vec<_> = names.iter().map(|entry| entry.key.as_str()).collect();
                names.sort_unstable();
                (names == ["by", "from"], "two numbers, { from: '{earlier}', by: 1 }")
            }
            Operand::Time => {
                let is_time = |text: &str| text.parse::<jiff::Timestamp>().is_ok();
                (is_open || node.as_text().is_some_and(is_time), "a time, 2026-01-31T12:00:00Z")
            }
            Operand::Flag => (value.is_boolean(), "true or false"),
        };
        (!fits).then_some(needed)
    }
}
