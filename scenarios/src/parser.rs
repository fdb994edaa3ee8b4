//! Parses scenario files, and reports every error in them.

mod call;
mod expectation;
mod fields;
mod file;
mod payload;
mod step;
mod value;

use hearback_contract::{RequirementId, UnknownId, requirement};

use crate::diagnostic::{Diagnostic, Diagnostics, listed_beside};
use crate::grammar::Key;
use crate::scenario::Scenario;
use crate::scope::{Scope, ScopeError};
use crate::syntax::{self, Entry, Node, Span};
use crate::template;

/// The result of parsing a file.
#[derive(Debug)]
pub struct Parsed {
    /// The scenarios, one per variant. Steps with errors are missing.
    pub scenarios: Vec<Scenario>,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}

/// Parses `text`, the content of the scenario file `file`. Each variant is one scenario, `name:variant`.
pub fn parse(name: &str, file: &str, text: &str) -> Parsed {
    let mut parser = Parser {
        text,
        diagnostics: Vec::new(),
        actors: Vec::new(),
        best_effort: false,
        scope: Scope::default(),
    };
    let scenarios = match syntax::parse(text) {
        Ok(root) => parser.file(name, file, &root),
        Err(error) => {
            let message = format!("invalid YAML: {}", error.message);
            parser.report(Diagnostic::error(error.span, message));
            Vec::new()
        }
    };
    Parsed { scenarios, diagnostics: Diagnostics::new(file, text, parser.diagnostics) }
}

impl Parsed {
    /// The scenarios of a file without errors.
    ///
    /// # Errors
    /// If there are errors; warnings do not count.
    pub fn into_scenarios(self) -> Result<Vec<Scenario>, Diagnostics> {
        if self.diagnostics.has_errors() { Err(self.diagnostics) } else { Ok(self.scenarios) }
    }
}

/// Parses one file from beginning to end; names are defined for the steps that follow.
struct Parser<'t> {
    text: &'t str,
    diagnostics: Vec<Diagnostic>,
    actors: Vec<String>,
    best_effort: bool,
    scope: Scope,
}

impl Parser<'_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn error(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.report(Diagnostic::error(span, message).help(help));
    }

    /// Reports an undefined name: a warning in best-effort scenarios, which skip such steps.
    fn scope_error(&mut self, span: Span, error: ScopeError) {
        let diagnostic = if self.best_effort { Diagnostic::warning } else { Diagnostic::error };
        self.report(diagnostic(span, error.message).help_if(error.help));
    }

    /// Reports a `name` that is not one of the `allowed` names of a `kind`.
    fn unknown<'a>(
        &mut self,
        span: Span,
        kind: &'static str,
        name: &str,
        allowed: impl Iterator<Item = &'a str> + Clone,
    ) {
        let error = UnknownId::new(kind, name, allowed.clone());
        let help = listed_beside(&error, "allowed", allowed);
        self.report(Diagnostic::error(span, error.to_string()).help_if(help));
    }

    /// Reports unknown and missing keys and invalid values, and returns the valid entries.
    fn entries<'n>(
        &mut self,
        what: &str,
        span: Span,
        entries: impl IntoIterator<Item = &'n Entry>,
        keys: &[Key],
    ) -> Entries<'n> {
        let mut found = Vec::new();
        let mut seen = Vec::new();
        for entry in entries {
            seen.push(entry.key.as_str());
            match keys.iter().find(|key| key.name == entry.key) {
                Some(key) if self.is_valid(key, &entry.node) => found.push(entry),
                Some(_) => {}
                None => {
                    let names = keys.iter().map(|key| key.name);
                    self.unknown(entry.span, "key", &entry.key, names);
                }
            }
        }
        for key in keys.iter().filter(|key| key.required && !seen.contains(&key.name)) {
            let message = format!("missing key `{}` in {what}", key.name);
            self.error(span, message, format!("`{}`: {}", key.name, key.description));
        }
        Entries(found)
    }

    /// Reports the placeholders in `node` without a value.
    fn placeholders(&mut self, node: &Node) {
        let mut texts = Vec::new();
        node.each_text(&mut |text, span| texts.push((text, span)));
        for (text, span) in texts {
            for path in template::placeholders(text) {
                if let Err(error) = self.scope.look_up(path) {
                    let span = self.within(span, &format!("{{{path}}}"));
                    self.scope_error(span, error);
                }
            }
        }
    }

    /// The span of `part` within the text at `span`; `span` itself if the part is escaped or wrapped.
    fn within(&self, span: Span, part: &str) -> Span {
        let source = self.text.get(span.start..span.start + span.length).unwrap_or_default();
        match source.find(part) {
            Some(offset) if !source[..offset].contains('\n') => Span {
                line: span.line,
                column: span.column + source[..offset].chars().count(),
                start: span.start + offset,
                length: part.len(),
            },
            _ => span,
        }
    }

    fn requirements(&mut self, node: &Node) -> Vec<RequirementId> {
        let mut all = Vec::new();
        for item in node.as_list().unwrap_or_default() {
            let Some(prefix) = item.as_text() else {
                let help = "for example room/archive; `hearback list requirements` lists all ids";
                self.error(item.span, "expected the id of a requirement", help);
                continue;
            };
            match requirement::with_prefix(prefix) {
                Ok(ids) => all.extend(ids),
                Err(error) => self.unknown_requirement(item.span, &error),
            }
        }
        all
    }

    fn unknown_requirement(&mut self, span: Span, error: &UnknownId) {
        self.error(span, error.to_string(), "`hearback list requirements` lists all ids");
    }
}

/// The valid entries of a mapping.
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
mod arbitrary_input;
#[cfg(test)]
mod tests;
