//! Schemas at any depth of a file, with their references resolved.

use serde_json::{Map, Value};

use super::Schema;

/// A schema at any depth of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// The file that `$ref`s are resolved against.
    pub(super) file: &'static Schema,
    pub(super) json: &'static Value,
}

impl Node {
    fn at(self, json: &'static Value) -> Self {
        Self { json, ..self }
    }

    fn keywords(self) -> Option<&'static Map<String, Value>> {
        self.json.as_object()
    }

    /// Collects the node and all schemas for the same value, regardless of their conditions.
    pub(super) fn applied(self, into: &mut Vec<Self>) {
        into.push(self);
        for (keyword, json) in self.keywords().into_iter().flatten() {
            match keyword.as_str() {
                "$ref" => {
                    let file = json.as_str().and_then(|path| self.file.referenced(path));
                    if let Some(file) = file {
                        Self { file, json: file.json }.applied(into);
                    }
                }
                "if" | "then" | "else" => self.at(json).applied(into),
                "allOf" | "anyOf" | "oneOf" => {
                    json.as_array()
                        .into_iter()
                        .flatten()
                        .for_each(|part| self.at(part).applied(into));
                }
                _ => {}
            }
        }
    }

    /// The schema of a member of the object that this node applies to.
    pub(super) fn member(self, name: &str) -> Option<Self> {
        let keywords = self.keywords()?;
        keywords
            .get("properties")
            .and_then(|properties| properties.get(name))
            .or_else(|| {
                keywords.get("additionalProperties").filter(|json| **json != Value::Bool(false))
            })
            .map(|json| self.at(json))
    }

    pub(super) fn items(self) -> Option<Self> {
        self.keywords()?.get("items").map(|json| self.at(json))
    }

    /// Names of the members of the object that this node applies to.
    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        let properties = self.json.get("properties").and_then(Value::as_object);
        properties.into_iter().flat_map(|members| members.keys().map(String::as_str))
    }
}
