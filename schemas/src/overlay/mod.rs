//! Overlays: the differences of a team's API from the shipped contract.
//!
//! An overlay is data: schemas that replace shipped ones or patch them (RFC 7396), changes of operations,
//! requirements and policy, and further requirements. A process has one contract. Its overlay is
//! [put in force](put_in_force) before anything reads the contract, and the tables apply it when they are first read, so
//! that rules, scenarios, generators and exports see one contract and know nothing of overlays. The changes are listed in
//! every report.
//!
//! The readers of files are in `hearback-config`.

mod apply;
mod change;
mod changes;
mod custom;
mod schema_change;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

use crate::policy::{Permission, Role};
use crate::requirement::custom_ids;
use crate::{Level, Operation, ReadingId, RequirementId};

pub use apply::schemas_of;
pub use change::{Change, Effect};
pub use custom::{CUSTOM_PREFIX, CustomCheck, CustomRequirement};

/// The differences from the shipped contract.
#[derive(Debug, Default)]
pub struct Overlay {
    /// Its name in reports.
    pub name: String,
    /// Schemas, by their id.
    pub schemas: BTreeMap<String, SchemaOverlay>,
    /// Changed operations.
    pub operations: Vec<OperationOverlay>,
    /// Changed requirements.
    pub requirements: Vec<RequirementOverlay>,
    /// Added requirements.
    pub custom: Vec<CustomRequirement>,
    /// Changed permissions.
    pub policy: Vec<PolicyOverlay>,
    /// Readings that the target must take.
    pub readings: Vec<ReadingId>,
}

/// A schema of an overlay.
#[derive(Clone, Debug, PartialEq)]
pub enum SchemaOverlay {
    /// It replaces the shipped schema.
    Complete(Value),
    /// It is a merge patch (RFC 7396) of the shipped schema.
    Patch(Value),
}

/// The changes of an operation; what is `None` stays.
#[derive(Clone, Debug)]
pub struct OperationOverlay {
    /// The operation.
    pub operation: Operation,
    /// Its path, with the parameters of the shipped path in the same order.
    pub path: Option<String>,
    /// Documented names of query parameters, and those that replace them.
    pub query: Vec<(String, String)>,
    /// Statuses that mean success, the documented one first.
    pub success: Option<Vec<u16>>,
    /// Documented statuses that mean rejection.
    pub refusals: Option<Vec<u16>>,
}

/// The change of a requirement.
#[derive(Clone, Debug)]
pub struct RequirementOverlay {
    /// The requirement.
    pub requirement: RequirementId,
    /// The change.
    pub change: RequirementChange,
}

/// The change of a requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequirementChange {
    /// It has another level.
    Level(Level),
    /// It is not checked, for a reason.
    Disabled(String),
}

/// The permission of a role for an operation.
#[derive(Clone, Debug)]
pub struct PolicyOverlay {
    /// The role.
    pub role: Role,
    /// The operation.
    pub operation: Operation,
    /// Its permission.
    pub permission: Permission,
}

static IN_FORCE: OnceLock<Option<Overlay>> = OnceLock::new();

/// The contract was read before its overlay was put in force.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the contract is already in use")]
pub struct AlreadyInUse;

/// Puts an overlay in force for the whole process.
///
/// # Errors
/// If a table of the contract was read already.
pub fn put_in_force(overlay: Overlay) -> Result<(), AlreadyInUse> {
    let added = overlay.custom.iter().map(|row| row.id.clone()).collect();
    IN_FORCE.set(Some(overlay)).map_err(|_| AlreadyInUse)?;
    custom_ids::set(added);
    Ok(())
}

/// The overlay of this process; from the first call on, none can be put in force.
pub fn in_force() -> Option<&'static Overlay> {
    IN_FORCE.get_or_init(|| None).as_ref()
}

impl Overlay {
    /// The reason for which a requirement is not checked, if it is disabled.
    pub fn disabled(&self, requirement: RequirementId) -> Option<&str> {
        self.requirements.iter().find_map(|row| match &row.change {
            RequirementChange::Disabled(reason) if row.requirement == requirement => {
                Some(reason.as_str())
            }
            _ => None,
        })
    }
}
