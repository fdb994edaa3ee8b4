//! A requirement of `contract.toml`: the change of a shipped one, or a new one with its check.

use hearback_contract::overlay::{
    CUSTOM_PREFIX, CustomCheck, CustomRequirement, RequirementChange, RequirementOverlay,
};
use hearback_contract::policy::Permission;
use hearback_contract::{Level, RequirementId};
use serde::Deserialize;
use toml::Spanned;

use super::row::{Converted, known, statuses};
use crate::Problem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RequirementRow {
    id: Spanned<String>,
    level: Option<Level>,
    disabled: Option<Spanned<String>>,
    // The rest belongs to new requirements.
    statement: Option<String>,
    violation: Option<String>,
    reason: Option<String>,
    operation: Option<Spanned<String>>,
    role: Option<Spanned<String>>,
    status: Option<Spanned<Vec<u16>>>,
    schema: Option<Spanned<String>>,
    rejected_with: Option<Spanned<Vec<u16>>>,
    is: Option<Permission>,
}

impl RequirementRow {
    /// Returns whether the row adds a requirement.
    pub(super) fn is_custom(&self) -> bool {
        self.id.get_ref().starts_with(CUSTOM_PREFIX)
    }

    /// The change of a shipped requirement.
    pub(super) fn change(self) -> Converted<RequirementId, RequirementOverlay> {
        let requirement = known(&self.id)?;
        if self.statement.is_some() || self.operation.is_some() {
            let problem =
                "a shipped requirement can only be given another `level`, or be `disabled`";
            let help = format!("begin the id of a new requirement with `{CUSTOM_PREFIX}`");
            return Err(Problem::new(problem).with_help(help).at(self.id.span()));
        }
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

    /// The new requirement.
    pub(super) fn custom(self) -> Converted<String, CustomRequirement> {
        let problem = |text: &str| Problem::new(text).at(self.id.span());
        let needs = |text: &Option<String>, key: &str| {
            let text = text.as_deref().map(str::trim).filter(|text| !text.is_empty());
            let missing = || problem(&format!("a new requirement needs `{key}`"));
            text.map(str::to_owned).ok_or_else(missing)
        };
        let name = &self.id.get_ref()[CUSTOM_PREFIX.len()..];
        let is_plain = |letter: char| {
            letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-.".contains(letter)
        };
        if name.is_empty() || !name.chars().all(is_plain) {
            return Err(problem("the name of a requirement consists of a-z, 0-9, `-` and `.`"));
        }
        if self.disabled.is_some() {
            return Err(problem("a new requirement cannot be `disabled`: remove it instead"));
        }
        let level = self.level.ok_or_else(|| problem("a new requirement needs `level`"))?;
        let statement = needs(&self.statement, "statement")?;
        let violation = needs(&self.violation, "violation")?;
        let reason = needs(&self.reason, "reason")?;
        let check = self.check()?;
        let (id, checked) = (self.id.get_ref().clone(), check.checked());
        let custom = CustomRequirement {
            id: id.clone(),
            level,
            statement,
            violation,
            reason,
            checked,
            check,
        };
        Ok((self.id, id, custom))
    }

    /// The check of a new requirement: exactly one of three kinds.
    fn check(&self) -> Result<CustomCheck, Problem> {
        let problem = |text: &str| Problem::new(text).at(self.id.span());
        let operation = self.operation.as_ref();
        let operation = operation.ok_or_else(|| problem("a new requirement needs `operation`"))?;
        let operation = known(operation)?;
        let role = || match &self.role {
            Some(role) => known(role),
            None => Err(problem("`rejected_with` and `is` need a `role`")),
        };
        match (&self.schema, &self.rejected_with, self.is) {
            (Some(schema), None, None) => {
                if let Some(role) = &self.role {
                    let text = "`role` does not apply to a `schema`";
                    return Err(Problem::new(text).at(role.span()));
                }
                statuses("status", 200..600, self.status.as_ref())?;
                let statuses = self.status.as_ref().map(|it| it.get_ref().clone());
                let schema = schema.get_ref().clone();
                Ok(CustomCheck::Schema {
                    operation,
                    statuses: statuses.unwrap_or_default(),
                    schema,
                })
            }
            _ if self.status.is_some() => {
                Err(problem("`status` selects the responses that `schema` describes"))
            }
            (None, Some(rejected_with), None) => {
                statuses("rejected_with", 400..500, Some(rejected_with))?;
                let statuses = rejected_with.get_ref().clone();
                Ok(CustomCheck::Rejection { operation, role: role()?, statuses })
            }
            (None, None, Some(permission)) if permission != Permission::Either => {
                Ok(CustomCheck::Policy { operation, role: role()?, permission })
            }
            (None, None, Some(_)) => Err(problem("`is` is \"allow\" or \"deny\"")),
            _ => Err(problem("a new requirement needs one of `schema`, `rejected_with` and `is`")),
        }
    }

    /// The place of the schema that the row names, if it names one.
    pub(super) fn schema(&self) -> Option<&Spanned<String>> {
        self.schema.as_ref()
    }
}
