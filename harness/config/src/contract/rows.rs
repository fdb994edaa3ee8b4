//! `contract.toml`: the changes of operations, requirements and policy.

use std::collections::HashSet;
use std::hash::Hash;
use std::ops::Range;

use hearback_contract::overlay::{
    OperationOverlay, Overlay, PolicyOverlay, RequirementChange, RequirementOverlay,
};
use hearback_contract::policy::{Permission, Role};
use hearback_contract::{Level, Operation, RequirementId, UnknownId};
use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;

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
    success: Option<Spanned<Vec<u16>>>,
    refusals: Option<Spanned<Vec<u16>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequirementRow {
    id: Spanned<String>,
    level: Option<Level>,
    disabled: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PermissionRow {
    role: Spanned<String>,
    operation: Spanned<String>,
    is: Permission,
}

/// The name of the subject of a row, the subject, and the converted row.
type Converted<Subject, Row> = Result<(Spanned<String>, Subject, Row), Problem>;

/// Parses the file; its problems are added to `errors`.
pub(super) fn parse(document: &Document, errors: &mut Vec<FileError>) -> Overlay {
    let file: File = document.parse().unwrap_or_else(|error| {
        errors.push(error);
        File::default()
    });
    let mut overlay = Overlay { name: file.name, ..Overlay::default() };
    let mut problems = Vec::new();
    collect(&mut overlay.operations, file.operation, OperationRow::overlay, &mut problems);
    collect(&mut overlay.requirements, file.requirement, RequirementRow::overlay, &mut problems);
    collect(&mut overlay.policy, file.permission, PermissionRow::overlay, &mut problems);
    errors.extend(problems.into_iter().map(|problem| document.invalid(problem)));
    overlay
}

/// Converts rows, of which each subject may have one.
fn collect<Read, Subject: Copy + Eq + Hash, Row>(
    into: &mut Vec<Row>,
    rows: Vec<Read>,
    convert: impl Fn(Read) -> Converted<Subject, Row>,
    problems: &mut Vec<Problem>,
) {
    let mut subjects = HashSet::new();
    for row in rows {
        match convert(row) {
            Ok((name, subject, _)) if !subjects.insert(subject) => {
                let problem = Problem::new(format_args!("`{}` is changed twice", name.get_ref()));
                problems.push(problem.at(name.span()));
            }
            Ok((_, _, converted)) => into.push(converted),
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
        statuses("success", 200..300, self.success.as_ref())?;
        statuses("refusals", 400..500, self.refusals.as_ref())?;
        let overlay = OperationOverlay {
            operation,
            path: self.path.map(Spanned::into_inner),
            success: self.success.map(Spanned::into_inner),
            refusals: self.refusals.map(Spanned::into_inner),
        };
        Ok((self.id, operation, overlay))
    }
}

impl RequirementRow {
    fn overlay(self) -> Converted<RequirementId, RequirementOverlay> {
        let requirement = known(&self.id)?;
        let change = match (self.level, self.disabled) {
            (Some(level), None) => RequirementChange::Level(level),
            (None, Some(reason)) if reason.get_ref().trim().is_empty() => {
                let problem = "`disabled` is empty: state the reason";
                return Err(Problem::new(problem).at(reason.span()));
            }
            (None, Some(reason)) => RequirementChange::Disabled(reason.into_inner()),
            _ => {
                let problem = "a requirement needs either `level` or `disabled`";
                return Err(Problem::new(problem).at(self.id.span()));
            }
        };
        Ok((self.id, requirement, RequirementOverlay { requirement, change }))
    }
}

impl PermissionRow {
    fn overlay(self) -> Converted<(Role, Operation), PolicyOverlay> {
        let (role, operation) = (known(&self.role)?, known(&self.operation)?);
        let overlay = PolicyOverlay { role, operation, permission: self.is };
        Ok((self.operation, (role, operation), overlay))
    }
}

/// The row of the contract that an id names.
fn known<Id: std::str::FromStr<Err = UnknownId>>(id: &Spanned<String>) -> Result<Id, Problem> {
    id.get_ref().parse().map_err(|error| Problem::from(error).at(id.span()))
}

/// Checks that a key lists statuses within a range, if it is there.
fn statuses(
    key: &str,
    permitted: Range<u16>,
    statuses: Option<&Spanned<Vec<u16>>>,
) -> Result<(), Problem> {
    let Some(statuses) = statuses else { return Ok(()) };
    let other = statuses.get_ref().iter().find(|status| !permitted.contains(*status));
    let problem = match other {
        Some(status) => format!("`{key}` contains {status}"),
        None if statuses.get_ref().is_empty() => format!("`{key}` is empty"),
        None => return Ok(()),
    };
    let help = format!("expected statuses from {} to {}", permitted.start, permitted.end - 1);
    Err(Problem::new(problem).with_help(help).at(statuses.span()))
}
