//! Sets of faults.

use std::str::FromStr;

use hearback_contract::UnknownId;

use crate::fault::FaultSpec;
use crate::fault_id::FaultId;
use crate::mutation::Mutation;
use crate::occasions::Occasions;

/// The faults that a server starts with; none by default.
#[derive(Clone, Default)]
pub struct FaultSet {
    faults: Vec<Fault>,
}

/// A fault of a server.
#[derive(Clone, Copy)]
struct Fault {
    spec: &'static FaultSpec,
    occasions: Occasions,
}

impl Fault {
    fn mutation(&self) -> Mutation {
        let mut mutation = self.spec.mutation();
        mutation.limit_to(self.occasions);
        mutation
    }
}

impl From<FaultId> for Fault {
    fn from(id: FaultId) -> Self {
        Self { spec: FaultSpec::of(id), occasions: Occasions::default() }
    }
}

impl FromStr for Fault {
    type Err = UnknownId;

    /// A fault by its id; `@once` or `@every-second` after it limits the responses that it changes.
    fn from_str(text: &str) -> Result<Self, UnknownId> {
        let limited = Occasions::NAMED.iter().find_map(|(name, occasions)| {
            let id = text.strip_suffix(name)?.strip_suffix('@')?;
            Some((id, *occasions))
        });
        let (id, occasions) = limited.unwrap_or((text, Occasions::All));
        let fault = Self { occasions, ..id.parse::<FaultId>()?.into() };
        let is_limited = occasions == Occasions::All || !fault.mutation().responses.is_empty();
        match is_limited {
            true => Ok(fault),
            // Other faults do not change responses.
            false => Err(UnknownId::new("fault", text, [id])),
        }
    }
}

impl FaultSet {
    /// The faults with these ids. `@once` or `@every-second` after the id of a fault of responses makes it
    /// intermittent.
    ///
    /// # Errors
    ///
    /// [`UnknownId`] for the first id that no fault has.
    pub fn named<'a>(ids: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownId> {
        let faults = ids.into_iter().map(str::parse).collect::<Result<_, _>>()?;
        Ok(Self { faults })
    }

    /// The faults of the set.
    pub fn iter(&self) -> impl Iterator<Item = &'static FaultSpec> {
        self.faults.iter().map(|fault| fault.spec)
    }

    /// The texts from which [`named`](Self::named) makes the same set.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.faults.iter().map(|fault| format!("{}{}", fault.spec.id, fault.occasions.suffix()))
    }

    /// The mutations that implement the faults.
    pub(crate) fn mutations(&self) -> impl Iterator<Item = Mutation> {
        self.faults.iter().map(Fault::mutation)
    }
}

impl FromIterator<FaultId> for FaultSet {
    fn from_iter<I: IntoIterator<Item = FaultId>>(ids: I) -> Self {
        Self { faults: ids.into_iter().map(Fault::from).collect() }
    }
}

impl From<FaultId> for FaultSet {
    fn from(id: FaultId) -> Self {
        Self { faults: vec![id.into()] }
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
        assert_eq!(set.names().count(), FAULTS.len());
        assert_eq!(FaultSet::named(["auth/x"]).err().unwrap().name, "auth/x");
    }

    #[test]
    fn faults_of_responses_can_be_intermittent() {
        let names =
            ["room/stats-count-one-more-unread@once", "status/create-answers-ok@every-second"];
        let set = FaultSet::named(names).unwrap();
        assert!(set.names().eq(names));
        assert!(FaultSet::named(["message/any-member-edits@once"]).is_err());
    }
}
