//! Rows of the fault tables.

use hearback_contract::RequirementId;

use crate::fault_id::FaultId;
use crate::mutation::Mutation;

/// A fault that a server can start with.
#[derive(Clone, Copy)]
pub struct FaultSpec {
    /// Stable id, `family/what-is-wrong`.
    pub id: FaultId,
    /// The requirement that the fault breaks.
    pub breaks: RequirementId,
    /// Behavior of a server with the fault.
    pub description: &'static str,
    /// True if the fault shows only after certain commands in a certain order, or when two
    /// coincide: sequences of commands reach it, scenario files need not.
    pub in_sequences: bool,
    /// Configures the mutation that implements the fault.
    pub(crate) mutate: fn(&mut Mutation),
}

impl FaultSpec {
    /// The same fault; only sequences of commands reach it.
    pub(crate) const fn in_sequences(self) -> Self {
        Self { in_sequences: true, ..self }
    }

    /// The mutation that implements the fault.
    pub(crate) fn mutation(&self) -> Mutation {
        let mut mutation = Mutation::default();
        (self.mutate)(&mut mutation);
        mutation
    }
}

/// A row of a table.
pub(crate) const fn row(
    id: &'static str,
    breaks: RequirementId,
    description: &'static str,
    mutate: fn(&mut Mutation),
) -> FaultSpec {
    FaultSpec { id: FaultId::new(id), breaks, description, in_sequences: false, mutate }
}
