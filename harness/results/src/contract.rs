//! The overlay of the contract that decided a run.

use hearback_contract::overlay::{self, Change};
use serde::{Deserialize, Serialize};

/// The overlay that was in force when a run was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractOverlay {
    /// Its name.
    pub name: String,
    /// Its differences from the shipped contract.
    pub changes: Vec<Change>,
}

impl ContractOverlay {
    /// The overlay of this process, if there is one.
    pub fn in_force() -> Option<Self> {
        let overlay = overlay::in_force()?;
        Some(Self { name: overlay.name.clone(), changes: overlay.changes() })
    }
}
