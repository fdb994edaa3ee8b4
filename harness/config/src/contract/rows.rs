//! `contract.toml`: the changes of operations, requirements and policy.

use std::collections::{BTreeMap, HashSet};
use std::hash::Hash;

use hearback_contract::overlay::{OperationOverlay, Overlay, PolicyOverlay};
use hearback_contract::policy::{Permission, Role};
use hearback_contract::{Operation, UnknownId};
use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;

use super::requirement_row::RequirementRow;
use super::row::{Converted, known, statuses};
use crate::{Document, FileError, Problem};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    name: String,
    #[serde(default)]
    operation: Vec<OperationRow>,
    #[serde(default)]
    requirement: Vec<RequirementRow>,
    #[serde(default)]
    permission: Vec<PermissionRow>,
    /// Pinned readings have the form and the reader of those in `hearback.toml`.
    #[serde(rename = "readings")]
    _readings: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OperationRow {
    id: Spanned<String>,
    path: Option<Spanned<String>>,
    #[serde(default)]
    query: BTreeMap<Spanned<String>, Spanned<String>>,
    success: Option<Spanned<Vec<u16>>>,
    refusals: Option<Spanned<Vec<u16>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PermissionRow {
    role: Spanned<String>,
    operation: Spanned<String>,
    is: Permission,
}

/// Parses the file; its problems are added to `errors`. Gives the overlay, and the ids of schemas that requirements name.
pub(super) fn parse(
    document: &Document,
    errors: &mut Vec<FileError>,
) -> (Overlay, Vec<Spanned<String>>) {
    let file: File = document.parse().unwrap_or_else(|error| {
        errors.push(error);
        File::default()
    });
    let mut overlay = Overlay { name: file.name, ..Overlay::default() };
    let mut problems = Vec::new();
    collect(&mut overlay.operations, file.operation, OperationRow::overlay, &mut problems);
    let (changed, added): (Vec<_>, Vec<_>) =
        file.requirement.into_iter().partition(|row| !row.is_custom());
    let schemas = added.iter().filter_map(RequirementRow::schema).cloned().collect();
    collect(&mut overlay.requirements, changed, RequirementRow::change, &mut problems);
    collect(&mut overlay.custom, added, RequirementRow::custom, &mut problems);
    collect(&mut overlay.policy, file.permission, PermissionRow::overlay, &mut problems);
    errors.extend(problems.into_iter().map(|problem| document.invalid(problem)));
    (overlay, schemas)
}

/// Converts rows, of which each subject may have one.
fn collect<Read, Subject: Eq + Hash, Row>(
    into: &mut Vec<Row>,
    rows: Vec<Read>,
    convert: impl Fn(Read) -> Converted<Subject, Row>,
    problems: &mut Vec<Problem>,
) {
    let mut subjects = HashSet::new();
    for row in rows {
        match convert(row) {
            Ok((name, subject, converted)) => match subjects.insert(subject) {
                true => into.push(converted),
                false => {
                    let problem = format_args!("`{}` occurs twice", name.get_ref());
                    problems.push(Problem::new(problem).at(name.span()));
                }
            },
            Err(problem) => problems.push(problem),
        }
    }
}

impl OperationRow {
    fn overlay(self) -> Converted<Operation, OperationOverlay> {
        let operation: Operation = known(&self.id)?;
        let shipped = operation.shipped();
        if let Some(path) = &self.path {
            let names = |path: &str| {
                let names = path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
                names.map(|name| format!("{{{name}}}")).collect::<Vec<_>>()
            };
            let (own, expected) = (names(path.get_ref()), names(shipped.path));
            if own != expected || !path.get_ref().starts_with('/') {
                let expected = match expected.is_empty() {
                    true => "no parameters".to_owned(),
                    false => format!("the parameters {} in this order", expected.join(", ")),
                };
                let problem = format!("the path needs to begin with `/` and have {expected}");
                return Err(Problem::new(problem).at(path.span()));
            }
        }
        for (documented, own) in &self.query {
            let names: Vec<_> = shipped.query.iter().map(|parameter| parameter.name).collect();
            if !names.contains(&documented.get_ref().as_str()) {
                let error = UnknownId::new("query parameter", documented.get_ref(), names);
                return Err(Problem::from(error).at(documented.span()));
            }
            let is_taken = names.contains(&own.get_ref().as_str())
                || self.query.values().filter(|other| other.get_ref() == own.get_ref()).count() > 1;
            if own.get_ref().is_empty() || is_taken {
                let problem =
                    format!("`{}` cannot be the name of `{}`", own.get_ref(), documented.get_ref());
                let help = "a name is not empty, and no other parameter of the operation has it";
                return Err(Problem::new(problem).with_help(help.to_owned()).at(own.span()));
            }
        }
        statuses("success", 200..300, self.success.as_ref())?;
        statuses("refusals", 400..500, self.refusals.as_ref())?;
        let overlay = OperationOverlay {
            operation,
            path: self.path.map(Spanned::into_inner),
            query: self
                .query
                .into_iter()
                .map(|(documented, own)| (documented.into_inner(), own.into_inner()))
                .collect(),
            success: self.success.map(Spanned::into_inner),
            refusals: self.refusals.map(Spanned::into_inner),
        };
        Ok((self.id, operation, overlay))
    }
}

impl PermissionRow {
    fn overlay(self) -> Converted<(Role, Operation), PolicyOverlay> {
        let (role, operation) = (known(&self.role)?, known(&self.operation)?);
        let overlay = PolicyOverlay { role, operation, permission: self.is };
        Ok((self.operation, (role, operation), overlay))
    }
}
