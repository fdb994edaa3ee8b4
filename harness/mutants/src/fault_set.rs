//! Sets of faults.

use hearback_contract::UnknownId;

use crate::fault::FaultSpec;
use crate::fault_id::FaultId;

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
}
