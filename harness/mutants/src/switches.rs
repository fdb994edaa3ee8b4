//! Everything that is switched on in a server, and the seams that follow from it.

use std::sync::Arc;

use hearback_reference::Seams;

use crate::fault_set::FaultSet;
use crate::memory::Memory;
use crate::mutated_wire::MutatedWire;
use crate::readings::ReadingSet;
use crate::weather::WeatherSet;

/// The switches of a server; none by default: the documented server.
#[derive(Clone, Default)]
pub struct Switches {
    /// Its readings of ambiguities, where they differ from the documented ones.
    pub readings: ReadingSet,
    /// Its faults.
    pub faults: FaultSet,
    /// Its surroundings.
    pub weather: WeatherSet,
}

impl Switches {
    /// The extension points of a server with these readings, and with these faults on top of them.
    ///
    /// Each call starts with an empty memory, so that two servers do not share state.
    pub fn seams(&self) -> Seams {
        let mut seams = Seams::default();
        let mut wire = MutatedWire::default();
        self.readings.count_unread(&mut seams.rules);
        let readings = self.readings.mutations();
        let faults = self.faults.mutations();
        for mutation in readings.chain(faults) {
            let memory = Arc::new(Memory::default());
            mutation.override_rules(&mut seams.rules, &memory);
            wire.add(mutation, &memory);
        }
        if !wire.is_empty() {
            seams.wire = Arc::new(wire);
        }
        seams
    }
}

impl From<ReadingSet> for Switches {
    fn from(readings: ReadingSet) -> Self {
        Self { readings, ..Self::default() }
    }
}

impl From<FaultSet> for Switches {
    fn from(faults: FaultSet) -> Self {
        Self { faults, ..Self::default() }
    }
}

impl From<WeatherSet> for Switches {
    fn from(weather: WeatherSet) -> Self {
        Self { weather, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_changes_its_seams_only() {
        let clean = Seams::default();
        let none = Switches::default().seams();
        let set = FaultSet::from(crate::fault_id!("message/any-member-edits"));
        let seams = Switches::from(set).seams();
        // The documented rules have no size, so that the sizes differ.
        let name = |seams: &Seams| size_of_val(&*seams.rules.permissions);
        assert_eq!(name(&clean), name(&none));
        assert_ne!(name(&clean), name(&seams));
        assert_eq!(size_of_val(&*clean.rules.storage), size_of_val(&*seams.rules.storage));
        assert_eq!(size_of_val(&*clean.wire), size_of_val(&*seams.wire));
    }
}
