//! Writes scenarios as files that parse to the same scenario.

mod expectation;
mod flow;
mod step;

use std::fmt::Write as _;

use serde_json::Value;

use crate::scenario::{RoomKind, Scenario};
use crate::step::{Action, Step};

use flow::{Flow, text, value};

/// Writes a scenario as YAML, such that [`parse`](crate::parse) returns the same scenario.
///
/// A scenario with the name of a variant becomes a file with this variant only.
pub fn write(scenario: &Scenario) -> String {
    let mut file = String::new();
    let mut line = |key: &str, value: &str| {
        let _infallible = writeln!(file, "{key}: {value}");
    };
    line("title", &text(&scenario.title));
    if !scenario.requirements.is_empty() {
        let ids: Vec<_> = scenario.requirements.iter().map(|id| text(id.as_str())).collect();
        line("requirements", &format!("[{}]", ids.join(", ")));
    }
    line("actors", &names(&scenario.actors));
    match scenario.room {
        RoomKind::Group => line("room", "group"),
        RoomKind::Direct => line("room", "direct"),
        RoomKind::None => {}
    }
    if !scenario.members.is_empty() {
        line("members", &names(&scenario.members));
    }
    if scenario.best_effort {
        line("best_effort", "true");
    }
    if let Some((_, variant)) = scenario.name.as_str().split_once(':') {
        let mut values = Flow::default();
        for (name, it) in &scenario.variables {
            values.entry(name, value(it));
        }
        line("variants", &format!("{{ {}: {{ values: {values} }} }}", text(variant)));
    }
    file.push_str("steps:");
    Writer { file, scenario }.finish()
}

fn names(names: &[String]) -> String {
    value(&names.iter().cloned().map(Value::from).collect())
}

/// Writes the steps after the top-level keys.
struct Writer<'s> {
    file: String,
    scenario: &'s Scenario,
}

impl<'s> Writer<'s> {
    fn finish(mut self) -> String {
        if self.scenario.steps.is_empty() {
            self.file.push_str(" []\n");
            return self.file;
        }
        self.file.push('\n');
        self.steps(&self.scenario.steps, 2);
        self.file
    }

    fn steps(&mut self, steps: &'s [Step], indent: usize) {
        for step in steps {
            self.file.push_str(&" ".repeat(indent));
            self.file.push_str("- ");
            self.step(step, indent + 2);
        }
    }

    /// Writes one step without its leading dash; further lines are indented by `indent`.
    fn step(&mut self, step: &'s Step, indent: usize) {
        match &step.action {
            Action::For { variable, values, steps } => {
                let mut each = Flow::default();
                each.entry(variable, value(values));
                self.control(&format!("for: {each}"), "do:", steps, indent);
            }
            Action::Repeat { count, steps } => {
                self.control(&format!("repeat: {count}"), "do:", steps, indent);
            }
            Action::AnyOf(steps) => self.list("any-of:", steps, indent),
            Action::Parallel(branches) if branches.is_empty() => {
                self.file.push_str("parallel: []\n");
            }
            Action::Parallel(branches) => {
                self.file.push_str("parallel:\n");
                for branch in branches {
                    self.file.push_str(&" ".repeat(indent + 2));
                    match branch.split_first() {
                        None => self.file.push_str("- []\n"),
                        Some((first, others)) => {
                            self.file.push_str("- - ");
                            self.step(first, indent + 6);
                            self.steps(others, indent + 4);
                        }
                    }
                }
            }
            action => {
                let line = self.plain(action);
                let _infallible = writeln!(self.file, "{line}");
            }
        }
    }

    fn control(&mut self, head: &str, key: &str, steps: &'s [Step], indent: usize) {
        let _infallible = write!(self.file, "{head}\n{}", " ".repeat(indent));
        self.list(key, steps, indent);
    }

    fn list(&mut self, key: &str, steps: &'s [Step], indent: usize) {
        self.file.push_str(key);
        if steps.is_empty() {
            self.file.push_str(" []\n");
        } else {
            self.file.push('\n');
            self.steps(steps, indent + 2);
        }
    }

    /// The owner of a socket: the actor that connects it in this scenario, or has its name.
    fn owner(&self, socket: &'s str) -> &'s str {
        let all = self.scenario.all_steps();
        let connects = all.iter().find_map(|step| match &step.action {
            Action::Connect { actor, socket: name, .. } if name == socket => Some(actor.as_str()),
            _ => None,
        });
        connects.unwrap_or_else(|| {
            let actors = &self.scenario.actors;
            let named = actors.iter().find(|actor| *actor == socket);
            named.or(actors.first()).map_or(socket, String::as_str)
        })
    }
}

#[cfg(test)]
mod tests;
