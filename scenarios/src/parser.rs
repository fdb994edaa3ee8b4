//! Reading scenario files: from YAML to scenarios, and every mistake on the way.

mod expectation;
mod head;
mod payload;
mod shape;
mod step;

use hearback_contract::{UnknownId, requirement};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::grammar::Key;
use crate::scenario::Scenario;
use crate::scope::{Scope, Stranger, suggestion};
use crate::syntax::{self, Entry, Node, Place};
use crate::template;

/// A file that was read.
#[derive(Debug)]
pub struct Parsed {
    /// Its scenarios, one a variant; as far as they could be understood.
    pub scenarios: Vec<Scenario>,
    /// What is wrong with it, warnings included.
    pub diagnostics: Diagnostics,
}

/// Reads the scenario file `file`, whose scenarios are called `name`; each of its variants is one.
pub fn read(name: &str, file: &str, text: &str) -> Parsed {
    let mut reader = Reader {
        text,
        diagnostics: Vec::new(),
        actors: Vec::new(),
        best_effort: false,
        scope: Scope::default(),
    };
    let scenarios = match syntax::read(text) {
        Ok(root) => reader.file(name, file, &root),
        Err(error) => {
            reader.report(Diagnostic::error(
                error.place,
                format!("this is no YAML: {}", error.message),
            ));
            Vec::new()
        }
    };
    Parsed { scenarios, diagnostics: Diagnostics::new(file, text, reader.diagnostics) }
}

impl Parsed {
    /// The scenarios of a file without errors.
    ///
    /// # Errors
    /// If there are any; warnings are none.
    pub fn into_scenarios(self) -> Result<Vec<Scenario>, Diagnostics> {
        if self.diagnostics.has_errors() { Err(self.diagnostics) } else { Ok(self.scenarios) }
    }
}

/// Reads one file, from its beginning to its end: what stands further down is known later.
struct Reader<'t> {
    text: &'t str,
    diagnostics: Vec<Diagnostic>,
    actors: Vec<String>,
    best_effort: bool,
    scope: Scope,
}

impl Reader<'_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn error(&mut self, place: Place, message: impl Into<String>, help: impl Into<String>) {
        self.report(Diagnostic::error(place, message).help(help));
    }

    /// Reports a name that nothing stands for here; a best_effort scenario leaves such steps out.
    fn stranger(&mut self, place: Place, stranger: Stranger) {
        let report = if self.best_effort { Diagnostic::warning } else { Diagnostic::error };
        self.report(report(place, stranger.message).help(stranger.help));
    }

    /// Reports keys that may not stand here, missing ones, and values that do not fit.
    ///
    /// Gives the entries that are right.
    fn entries<'n>(
        &mut self,
        what: &str,
        place: Place,
        entries: impl IntoIterator<Item = &'n Entry>,
        keys: &[Key],
    ) -> Entries<'n> {
        let mut found = Vec::new();
        let mut seen = Vec::new();
        for entry in entries {
            seen.push(entry.key.as_str());
            match keys.iter().find(|key| key.name == entry.key) {
                Some(key) if self.fits(key, &entry.node) => found.push(entry),
                Some(_) => {}
                None => {
                    let names = keys.iter().map(|key| key.name);
                    let message = format!("`{}` is no key of {what}", entry.key);
                    self.error(entry.place, message, suggestion(&entry.key, names, "allowed here"));
                }
            }
        }
        for key in keys.iter().filter(|key| key.required && !seen.contains(&key.name)) {
            let message = format!("{what} needs `{}`", key.name);
            self.error(place, message, key.description);
        }
        Entries(found)
    }

    /// Reports the placeholders in `node` that have no value here.
    fn placeholders(&mut self, node: &Node) {
        let mut texts = Vec::new();
        node.each_text(&mut |text, place| texts.push((text, place)));
        for (text, place) in texts {
            for path in template::placeholders(text) {
                if let Err(stranger) = self.scope.look_up(path) {
                    let place = self.within(place, &format!("{{{path}}}"));
                    self.stranger(place, stranger);
                }
            }
        }
    }

    /// The place of `part` within the text at `place`; the whole where it is written otherwise.
    fn within(&self, place: Place, part: &str) -> Place {
        let source = self.text.get(place.start..place.start + place.length).unwrap_or_default();
        match source.find(part) {
            Some(offset) if !source[..offset].contains('\n') => Place {
                line: place.line,
                column: place.column + source[..offset].chars().count(),
                start: place.start + offset,
                length: part.len(),
            },
            _ => place,
        }
    }

    fn requirements(&mut self, node: &Node) -> Vec<hearback_contract::RequirementId> {
        let mut all = Vec::new();
        for item in node.as_list().unwrap_or_default() {
            let Some(prefix) = item.as_text() else {
                self.report(Diagnostic::error(item.place, "a requirement's id is expected here"));
                continue;
            };
            match requirement::with_prefix(prefix) {
                Ok(ids) => all.extend(ids),
                Err(error) => self.unknown_requirement(item.place, &error),
            }
        }
        all
    }

    fn unknown_requirement(&mut self, place: Place, error: &UnknownId) {
        let listed = || "`hearback list requirements` lists them".to_owned();
        let help = error.suggestions.help().unwrap_or_else(listed);
        self.error(place, format!("unknown requirement `{}`", error.name), help);
    }
}

/// The entries of a mapping that stand rightly where they stand.
struct Entries<'n>(Vec<&'n Entry>);

impl<'n> Entries<'n> {
    fn node(&self, key: &str) -> Option<&'n Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    fn entry(&self, key: &str) -> Option<&'n Entry> {
        self.0.iter().copied().find(|entry| entry.key == key)
    }

    fn text(&self, key: &str) -> Option<String> {
        self.node(key)?.as_text().map(ToOwned::to_owned)
    }

    fn value(&self, key: &str) -> Option<serde_json::Value> {
        self.node(key).map(Node::to_value)
    }
}

#[cfg(test)]
mod tests;
