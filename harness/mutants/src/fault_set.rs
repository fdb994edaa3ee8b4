//! Sets of faults, and the seams of a server that has them.

use std::sync::Arc;

use hearback_contract::UnknownId;
use hearback_reference::Seams;

use crate::fault::FaultSpec;
use crate::fault_id::FaultId;
use crate::memory::Memory;
use crate::mutated_wire::MutatedWire;

/// The faults that a server starts with; none by default.
#[derive(Clone, Default)]
pub struct FaultSet {
    faults: Vec<&'static FaultSpec>,
}

impl FaultSet {
    /// The faults with these ids.
    ///
    /// # Errors
    ///
    /// [`UnknownId`] for the first id that no fault has.
    pub fn named<'a>(ids: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownId> {
        let ids = ids.into_iter().map(str::parse::<FaultId>);
        let faults = ids.map(|id| id.map(FaultSpec::of)).collect::<Result<_, _>>()?;
        Ok(Self { faults })
    }

    /// The faults of the set.
    pub fn iter(&self) -> impl Iterator<Item = &'static FaultSpec> {
        self.faults.iter().copied()
    }

    /// The extension points of a server with these faults; without faults, those of the documented server.
    ///
    /// Each call starts with an empty memory, so that two servers do not share state.
    pub fn seams(&self) -> Seams {
        let mut seams = Seams::default();
        let mut wire = MutatedWire::default();
        for fault in self.iter() {
            let memory = Arc::new(Memory::default());
            let mutation = fault.mutation();
            mutation.override_rules(&mut seams.rules, &memory);
            wire.add(mutation, &memory);
        }
        if !wire.is_empty() {
            seams.wire = Arc::new(wire);
        }
        seams
    }
}

impl FromIterator<FaultId> for FaultSet {
    fn from_iter<I: IntoIterator<Item = FaultId>>(ids: I) -> Self {
        Self { faults: ids.into_iter().map(FaultSpec::of).collect() }
    }
}

impl From<FaultId> for FaultSet {
    fn from(id: FaultId) -> Self {
        Self { faults: vec![FaultSpec::of(id)] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::FAULTS;

    #[test]
    fn sets_consist_of_known_faults() {
        let set = FaultSet::named(FAULTS.iter().map(|fault| fault.id.as_str())).unwrap();
        assert_eq!(set.iter().count(), FAULTS.len());
        assert_eq!(FaultSet::named(["auth/x"]).err().unwrap().name, "auth/x");
    }

    #[test]
    fn each_fault_changes_its_seams_only() {
        let clean = Seams::default();
        let none = FaultSet::default().seams();
        let set = FaultSet::from(crate::fault_id!("message/any-member-edits"));
        let seams = set.seams();
        // The documented rules have no size, so that the sizes differ.
        let name = |seams: &Seams| size_of_val(&*seams.rules.permissions);
        assert_eq!(name(&clean), name(&none));
        assert_ne!(name(&clean), name(&seams));
        assert_eq!(size_of_val(&*clean.rules.storage), size_of_val(&*seams.rules.storage));
        assert_eq!(size_of_val(&*clean.wire), size_of_val(&*seams.wire));
    }
}
