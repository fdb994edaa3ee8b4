//! The top-level keys of a file: title, actors, room, variants.

use hearback_contract::RequirementId;

use super::Parser;
use super::value::is_name;
use crate::diagnostic::{Diagnostic, listed};
use crate::grammar::{FILE, VARIANT, step_keys};
use crate::scenario::{RoomKind, Scenario};
use crate::scope::Scope;
use crate::syntax::{Node, Span};
use crate::template::Variables;

struct Variant {
    name: String,
    span: Span,
    requirements: Vec<RequirementId>,
    values: Variables,
}

impl Parser<'_> {
    pub(super) fn file(&mut self, name: &str, file: &str, root: &Node) -> Vec<Scenario> {
        let Some(entries) = root.as_mapping() else {
            let keys = listed("keys", FILE.iter().map(|key| key.name));
            self.error(root.span, "expected a mapping", keys);
            return Vec::new();
        };
        let span = entries.first().map_or(root.span, |entry| entry.span);
        let has_room = entries.iter().any(|entry| entry.key == "room");
        let entries = self.entries("the scenario", span, entries, FILE);
        if let Some(node) = entries.node("actors") {
            self.actors(node);
        }
        self.best_effort = entries.value("best_effort") == Some(true.into());
        self.scope = Scope::of(&self.actors);
        let room = match entries.text("room").as_deref() {
            Some("direct") => RoomKind::Direct,
            Some("group") => RoomKind::Group,
            // An invalid room is reported once; steps that use the room are parsed as if it existed.
            None if has_room => RoomKind::Group,
            _ => RoomKind::None,
        };
        if room != RoomKind::None {
            self.scope.define("room");
        }
        let members =
            entries.node("members").map(|node| self.members(node, room)).unwrap_or_default();
        if room == RoomKind::Direct && members.len() != 1 {
            let span =
                entries.node("members").or(entries.node("room")).map_or(span, |node| node.span);
            self.error(
                span,
                "a direct room requires exactly one member other than the first actor",
                "for example `members: [bob]`",
            );
        }
        let common =
            entries.node("requirements").map(|node| self.requirements(node)).unwrap_or_default();
        let variants = match entries.node("variants") {
            Some(node) => self.variants(node),
            None => vec![Variant {
                name: String::new(),
                span,
                requirements: Vec::new(),
                values: Variables::new(),
            }],
        };
        let steps = match entries.node("steps").and_then(Node::as_list) {
            Some(steps) => self.steps(steps, ""),
            None => Vec::new(),
        };
        let title = entries.text("title").unwrap_or_default();
        variants
            .into_iter()
            .map(|variant| Scenario {
                name: match variant.name.as_str() {
                    "" => name.into(),
                    variant => format!("{name}:{variant}").into(),
                },
                file: file.to_owned(),
                title: title.clone(),
                requirements: common.iter().copied().chain(variant.requirements).collect(),
                actors: self.actors.clone(),
                room,
                members: members.clone(),
                best_effort: self.best_effort,
                variables: variant.values,
                steps: steps.clone(),
            })
            .collect()
    }

    fn actors(&mut self, node: &Node) {
        let items = node.as_list().unwrap_or_default();
        if items.is_empty() {
            self.error(node.span, "`actors` is empty", "for example `actors: [alice, bob]`");
        }
        let reserved: Vec<_> = step_keys().iter().map(|key| key.name).collect();
        for item in items {
            match item.as_text() {
                Some(actor) if reserved.contains(&actor) => {
                    let help = "steps with this actor would be ambiguous: choose another name";
                    self.error(item.span, format!("actor `{actor}` is a key of steps"), help);
                }
                Some(actor) if self.actors.iter().any(|known| known == actor) => {
                    let message = format!("duplicate actor `{actor}`");
                    self.report(Diagnostic::error(item.span, message));
                }
                Some(actor) if is_name(actor) => self.actors.push(actor.to_owned()),
                _ => {
                    let help = "letters, digits, `-` and `_`, beginning with a lower-case letter";
                    self.error(item.span, "invalid name of an actor", help);
                }
            }
        }
    }

    fn members(&mut self, node: &Node, room: RoomKind) -> Vec<String> {
        if room == RoomKind::None {
            let help = "add `room: group` or `room: direct`, or remove `members`";
            self.error(node.span, "`members` requires a room", help);
        }
        let mut members = Vec::new();
        for item in node.as_list().unwrap_or_default() {
            let member = item.as_text().unwrap_or_default();
            if self.actors.first().is_some_and(|first| first == member) {
                let help = "list the other members only";
                self.error(item.span, format!("`{member}` creates the room"), help);
            } else if self.actors.iter().any(|actor| actor == member) {
                members.push(member.to_owned());
            } else {
                self.unknown_actor(item.span, member);
            }
        }
        members
    }

    pub(super) fn unknown_actor(&mut self, span: Span, name: &str) {
        let actors = self.actors.clone();
        self.unknown(span, "actor", name, actors.iter().map(String::as_str));
    }

    fn variants(&mut self, node: &Node) -> Vec<Variant> {
        let mut variants = Vec::new();
        for entry in node.as_mapping().unwrap_or_default() {
            let Some(keys) = entry.node.as_mapping() else {
                let help = "keys: requirements, values";
                self.error(entry.node.span, "invalid variant: expected a mapping", help);
                continue;
            };
            let entries = self.entries("the variant", entry.span, keys, VARIANT);
            let requirements = entries
                .node("requirements")
                .map(|node| self.requirements(node))
                .unwrap_or_default();
            let values = entries.node("values").and_then(Node::as_mapping).unwrap_or_default();
            variants.push(Variant {
                name: entry.key.clone(),
                span: entry.span,
                requirements,
                values: values
                    .iter()
                    .map(|value| (value.key.clone(), value.node.to_value()))
                    .collect(),
            });
        }
        let mut names: Vec<String> =
            variants.iter().flat_map(|variant| variant.values.keys().cloned()).collect();
        names.sort();
        names.dedup();
        for name in &names {
            self.scope.define(name);
            for variant in variants.iter().filter(|variant| !variant.values.contains_key(name)) {
                let message = format!("missing value `{name}` in the variant `{}`", variant.name);
                let help = "all variants run the same steps and require the same values";
                self.error(variant.span, message, help);
            }
        }
        variants
    }
}
