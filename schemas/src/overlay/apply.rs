//! The tables of the contract with an overlay applied.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Overlay, RequirementChange, SchemaOverlay};
use crate::operation::OperationSpec;
use crate::policy::{Action, Permission, Role};
use crate::requirement::Requirement;
use crate::schemas::{self, SchemaError};

impl Overlay {
    /// Adds the schemas to the shipped ones, which have the same paths.
    pub(crate) fn apply_to_schemas(&self, files: &mut BTreeMap<String, Value>) {
        for (id, overlay) in &self.schemas {
            let file = files.entry(id.clone()).or_default();
            // The id is the base of references, so that a schema cannot choose it.
            let own = file.get("$id").cloned();
            match overlay {
                SchemaOverlay::Complete(schema) => file.clone_from(schema),
                SchemaOverlay::Patch(patch) => json_patch::merge(file, patch),
            }
            if let (Some(id), Some(members)) = (own, file.as_object_mut()) {
                members.insert("$id".to_owned(), id);
            }
        }
    }

    /// The row of an operation.
    pub(crate) fn operation(&'static self, shipped: &OperationSpec) -> OperationSpec {
        let mut spec = *shipped;
        for row in self.operations.iter().filter(|row| row.operation == shipped.operation) {
            spec.path = row.path.as_deref().unwrap_or(spec.path);
            spec.query_names = &row.query;
            spec.success = row.success.as_deref().unwrap_or(spec.success);
            spec.refusals = row.refusals.as_deref().unwrap_or(spec.refusals);
        }
        spec
    }

    /// The row of a requirement.
    pub(crate) fn requirement(&self, shipped: &Requirement) -> Requirement {
        let mut requirement = shipped.clone();
        for row in self.requirements.iter().filter(|row| row.requirement == shipped.id) {
            if let RequirementChange::Level(level) = row.change {
                requirement.level = level;
            }
        }
        requirement
    }

    /// The permission of a role for an action, if the overlay changes it.
    pub(crate) fn permission(&self, role: Role, action: Action) -> Option<Permission> {
        let mut rows = self.policy.iter();
        rows.find(|row| row.role == role && Action::Operation(row.operation) == action)
            .map(|row| row.permission)
    }
}

/// All schemas with an overlay applied, by id.
///
/// # Errors
/// Every schema that is not valid, or refers to one that does not exist.
pub fn schemas_of(overlay: &Overlay) -> Result<BTreeMap<String, Value>, Vec<SchemaError>> {
    let mut files = schemas::shipped().clone();
    overlay.apply_to_schemas(&mut files);
    let errors = schemas::defects(&files);
    if errors.is_empty() { Ok(files) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn overlay(id: &str, schema: SchemaOverlay) -> Overlay {
        Overlay { schemas: BTreeMap::from([(id.to_owned(), schema)]), ..Overlay::default() }
    }

    #[test]
    fn patches_change_only_what_they_name() {
        let patch = json!({ "required": ["detail"], "properties": { "error": null } });
        let files = schemas_of(&overlay("models/error.json", SchemaOverlay::Patch(patch))).unwrap();
        let error = &files["models/error.json"];
        assert_eq!(error["required"], json!(["detail"]));
        assert_eq!(error["properties"], json!({ "detail": { "type": "string" } }));
        assert_eq!(error["title"], "Error");
    }

    #[test]
    fn complete_schemas_keep_the_id() {
        let schema = json!({ "$id": "https://example.com/error", "type": "string" });
        let files = schemas_of(&overlay("models/error.json", SchemaOverlay::Complete(schema)));
        let error = &files.unwrap()["models/error.json"];
        assert_eq!(error["type"], "string");
        assert_eq!(error["$id"], format!("{}models/error.json", schemas::BASE));
    }

    #[test]
    fn invalid_schemas_and_unknown_references_are_errors() {
        for (schema, expected) in [
            (json!({ "type": "sting" }), "sting"),
            (json!({ "$ref": "nothing.json" }), "nothing.json"),
        ] {
            let overlay = overlay("models/error.json", SchemaOverlay::Complete(schema));
            let errors = schemas_of(&overlay).unwrap_err();
            assert!(errors.iter().any(|error| error.id == "models/error.json"), "{errors:?}");
            assert!(errors[0].message.contains(expected), "{errors:?}");
        }
    }
}
