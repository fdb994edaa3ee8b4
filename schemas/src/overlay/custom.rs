//! Requirements that an overlay adds: they need no code, only a check of one of three kinds.

use crate::policy::{Permission, Role};
use crate::{Level, Operation};

/// The beginning of the ids of all requirements that overlays add.
pub const CUSTOM_PREFIX: &str = "custom/";

/// A requirement that an overlay adds.
#[derive(Clone, Debug)]
pub struct CustomRequirement {
    /// Its id, `custom/NAME`.
    pub id: String,
    /// Its strength.
    pub level: Level,
    /// The requirement itself, one sentence.
    pub statement: String,
    /// The defect of a target that breaks it, one sentence.
    pub violation: String,
    /// The reason of the team to require it.
    pub reason: String,
    /// The observations that are checked, and the condition that they must meet.
    pub checked: String,
    /// Its check.
    pub check: CustomCheck,
}

/// The check of a requirement that an overlay adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustomCheck {
    /// Responses conform to a schema.
    Schema {
        /// The operation.
        operation: Operation,
        /// The statuses of the responses; every success if empty.
        statuses: Vec<u16>,
        /// Id of the schema.
        schema: String,
    },
    /// Users in a role are rejected, with one of these statuses.
    Rejection {
        /// The operation.
        operation: Operation,
        /// The role.
        role: Role,
        /// The statuses.
        statuses: Vec<u16>,
    },
    /// Users in a role are allowed or denied an operation.
    Policy {
        /// The operation.
        operation: Operation,
        /// The role.
        role: Role,
        /// The permission.
        permission: Permission,
    },
}

impl CustomCheck {
    /// The operation whose responses are checked.
    pub fn operation(&self) -> Operation {
        match self {
            Self::Schema { operation, .. }
            | Self::Rejection { operation, .. }
            | Self::Policy { operation, .. } => *operation,
        }
    }

    /// The reason why one recorded violation is proof.
    pub(crate) fn conclusive(&self) -> Option<&'static str> {
        matches!(self, Self::Schema { .. }).then_some("the recorded response violates it by itself")
    }

    /// The observations that are checked, and the condition that they must meet.
    pub fn checked(&self) -> String {
        let list = |statuses: &[u16]| {
            let texts: Vec<_> = statuses.iter().map(ToString::to_string).collect();
            texts.join(", ")
        };
        match self {
            Self::Schema { operation, statuses, schema } if statuses.is_empty() => {
                format!("Successful responses of `{operation}` conform to `{schema}`.")
            }
            Self::Schema { operation, statuses, schema } => {
                let statuses = list(statuses);
                format!("Responses of `{operation}` with status {statuses} conform to `{schema}`.")
            }
            Self::Rejection { operation, role, statuses } => {
                format!("`{operation}` rejects users in the role {role} with {}.", list(statuses))
            }
            Self::Policy { operation, role, permission } => format!(
                "`{operation}` follows the policy for the role {role}: {}.",
                permission.as_str()
            ),
        }
    }
}
