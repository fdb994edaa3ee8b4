//! All changes of an overlay.

use serde_json::Value;

use super::change::{Change, Effect};
use super::{OperationOverlay, Overlay, RequirementChange, SchemaOverlay, schema_change};
use crate::policy::{self, Action, Permission};
use crate::{requirement, schemas};

impl Overlay {
    /// All changes, in the order schemas, operations, requirements, policy, readings.
    pub fn changes(&self) -> Vec<Change> {
        let mut changes = self.schema_changes();
        changes.extend(self.operations.iter().flat_map(operation_changes));
        changes.extend(self.requirements.iter().filter_map(|row| {
            let shipped = requirement::shipped(row.requirement)?.level;
            let (effect, text) = match &row.change {
                RequirementChange::Level(level) => {
                    let is_lower = *level < shipped;
                    let effect = if is_lower { Effect::Breaking } else { Effect::Compatible };
                    (effect, format!("was a {shipped}, is a {level}"))
                }
                RequirementChange::Disabled(reason) => {
                    (Effect::Breaking, format!("is not checked: {reason}"))
                }
            };
            Some(Change { subject: row.requirement.to_string(), effect, text })
        }));
        changes.extend(self.custom.iter().map(|row| Change {
            subject: row.id.clone(),
            // It only adds to what clients may rely on.
            effect: Effect::Compatible,
            text: format!("is added as a {}: {}", row.level, row.statement),
        }));
        changes.extend(self.policy.iter().map(|row| {
            let shipped = policy::shipped_permission(row.role, Action::Operation(row.operation));
            let effect = match (shipped, row.permission) {
                (_, Permission::Allow) => Effect::Compatible,
                (before, now) if before == now => Effect::Compatible,
                _ => Effect::Breaking,
            };
            let text = format!("was {}, is {}", shipped.as_str(), row.permission.as_str());
            Change { subject: format!("{} {}", row.role, row.operation), effect, text }
        }));
        changes.extend(self.readings.iter().map(|reading| Change {
            subject: reading.to_string(),
            effect: Effect::Compatible,
            text: "is the only accepted reading".to_owned(),
        }));
        changes
    }

    fn schema_changes(&self) -> Vec<Change> {
        let shipped = schemas::shipped();
        let mut files = shipped.clone();
        self.apply_to_schemas(&mut files);
        let mut changes = Vec::new();
        for (id, overlay) in &self.schemas {
            let old = shipped.get(id).unwrap_or(&Value::Null);
            let found = schema_change::changes(id, old, &files[id]);
            let is_complete = matches!(overlay, SchemaOverlay::Complete(_));
            if found.is_empty() && is_complete {
                let text = "is the same as the shipped schema".to_owned();
                changes.push(Change { subject: id.clone(), effect: Effect::Compatible, text });
            }
            changes.extend(found);
        }
        changes
    }
}

fn operation_changes(row: &OperationOverlay) -> Vec<Change> {
    let shipped = row.operation.shipped();
    let change = |effect, text| Change { subject: row.operation.id().to_owned(), effect, text };
    let mut changes = Vec::new();
    if let Some(path) = row.path.as_ref().filter(|path| *path != shipped.path) {
        changes.push(change(Effect::Breaking, format!("path was {}, is {path}", shipped.path)));
    }
    changes.extend(row.query.iter().map(|(documented, own)| {
        change(Effect::Breaking, format!("query parameter `{documented}` is `{own}`"))
    }));
    let statuses = [
        ("statuses of success", &row.success, shipped.success),
        ("refusals", &row.refusals, shipped.refusals),
    ];
    for (name, own, shipped) in statuses {
        let Some(own) = own.as_deref().filter(|own| *own != shipped) else { continue };
        let is_wider = own.iter().any(|status| !shipped.contains(status));
        let effect = if is_wider { Effect::Breaking } else { Effect::Compatible };
        changes.push(change(effect, format!("{name} were {shipped:?}, are {own:?}")));
    }
    changes
}
