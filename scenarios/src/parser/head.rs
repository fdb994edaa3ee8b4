//! What stands above the steps: title, actors, room, variants.

use hearback_contract::RequirementId;

use super::shape::is_name;
use super::{Reader, Scope};
use crate::diagnostic::Diagnostic;
use crate::grammar::{FILE, VARIANT, step_keys};
use crate::scenario::{RoomKind, Scenario};
use crate::scope::suggestion;
use crate::syntax::{Node, Place};
use crate::template::Variables;

struct Variant {
    name: String,
    place: Place,
    requirements: Vec<RequirementId>,
    values: Variables,
}

impl Reader<'_> {
    pub(super) fn file(&mut self, name: &str, file: &str, root: &Node) -> Vec<Scenario> {
        let Some(entries) = root.as_mapping() else {
            let help = FILE.iter().map(|key| key.name).collect::<Vec<_>>().join(", ");
            self.error(root.place, "a scenario is a mapping", format!("its keys: {help}"));
            return Vec::new();
        };
        let place = entries.first().map_or(root.place, |entry| entry.place);
        let has_room = entries.iter().any(|entry| entry.key == "room");
        let entries = self.entries("a scenario", place, entries, FILE);
        if let Some(node) = entries.node("actors") {
            self.cast(node);
        }
        self.best_effort = entries.value("best_effort") == Some(true.into());
        self.scope = Scope::of(&self.actors);
        let room = match entries.text("room").as_deref() {
            Some("direct") => RoomKind::Direct,
            Some("group") => RoomKind::Group,
            // Something else was meant: one mistake is not to be told as many.
            None if has_room => RoomKind::Group,
            _ => RoomKind::None,
        };
        if room != RoomKind::None {
            self.scope.define("room");
        }
        let members =
            entries.node("members").map(|node| self.members(node, room)).unwrap_or_default();
        if room == RoomKind::Direct && members.len() != 1 {
            let place =
                entries.node("members").or(entries.node("room")).map_or(place, |node| node.place);
            self.error(
                place,
                "a direct room has one member beside the first actor",
                "members: [bob]",
            );
        }
        let common =
            entries.node("requirements").map(|node| self.requirements(node)).unwrap_or_default();
        let variants = match entries.node("variants") {
            Some(node) => self.variants(node),
            None => vec![Variant {
                name: String::new(),
                place,
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

    fn cast(&mut self, node: &Node) {
        let items = node.as_list().unwrap_or_default();
        if items.is_empty() {
            self.error(node.place, "`actors` names nobody", "actors: [alice, bob]");
        }
        let reserved: Vec<_> = step_keys().iter().map(|key| key.name).collect();
        for item in items {
            match item.as_text() {
                Some(actor) if reserved.contains(&actor) => {
                    let help = "a step could be read two ways: give the actor another name";
                    self.error(item.place, format!("`{actor}` is a key of steps"), help);
                }
                Some(actor) if self.actors.iter().any(|known| known == actor) => {
                    self.report(Diagnostic::error(item.place, format!("`{actor}` is named twice")));
                }
                Some(actor) if is_name(actor) => self.actors.push(actor.to_owned()),
                _ => {
                    let help =
                        "a name of letters, digits, `-` and `_` that begins with a small letter";
                    self.error(item.place, "this is no name of an actor", help);
                }
            }
        }
    }

    fn members(&mut self, node: &Node, room: RoomKind) -> Vec<String> {
        if room == RoomKind::None {
            let help = "room: group, or room: direct";
            self.error(node.place, "there is no room that they could be members of", help);
        }
        let mut members = Vec::new();
        for item in node.as_list().unwrap_or_default() {
            let member = item.as_text().unwrap_or_default();
            if self.actors.first().is_some_and(|first| first == member) {
                let help = "only the others are listed";
                self.error(item.place, format!("`{member}` makes the room, and is in it"), help);
            } else if self.actors.iter().any(|actor| actor == member) {
                members.push(member.to_owned());
            } else {
                self.not_an_actor(item.place, member);
            }
        }
        members
    }

    pub(super) fn not_an_actor(&mut self, place: Place, name: &str) {
        let help = suggestion(name, self.actors.iter().map(String::as_str), "the actors");
        self.error(place, format!("`{name}` is none of the actors"), help);
    }

    fn variants(&mut self, node: &Node) -> Vec<Variant> {
        let mut variants = Vec::new();
        for entry in node.as_mapping().unwrap_or_default() {
            let Some(keys) = entry.node.as_mapping() else {
                let help = "requirements: […] and values: { … }";
                self.error(entry.node.place, "a variant is a mapping", help);
                continue;
            };
            let entries = self.entries("a variant", entry.place, keys, VARIANT);
            let requirements = entries
                .node("requirements")
                .map(|node| self.requirements(node))
                .unwrap_or_default();
            let values = entries.node("values").and_then(Node::as_mapping).unwrap_or_default();
            variants.push(Variant {
                name: entry.key.clone(),
                place: entry.place,
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
                let message = format!("the variant `{}` has no value `{name}`", variant.name);
                self.error(variant.place, message, "every variant carries out the same steps");
            }
        }
        variants
    }
}
