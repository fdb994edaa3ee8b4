//! Sets of readings, and how they are written.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use hearback_contract::{AmbiguityId, ReadingId, RequirementId, UnknownId};
use hearback_reference::Rules;

use super::counting::{Counting, Recounting};
use super::switch::{ReadingChange, ReadingSwitch};
use super::switches;
use crate::mutation::Mutation;

/// Error of combining readings.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ReadingError {
    /// No reading has this id.
    #[error(transparent)]
    Unknown(#[from] UnknownId),
    /// Two readings answer the same question.
    #[error("readings `{0}` and `{1}` answer the same question")]
    Contradiction(ReadingId, ReadingId),
}

/// Readings that a server takes, at most one per ambiguity: `delete-status=204,is-read=viewer`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ReadingSet {
    readings: Vec<ReadingId>,
}

impl ReadingSet {
    /// The set of these readings.
    ///
    /// # Errors
    /// If two different readings answer the same question.
    pub fn new(ids: impl IntoIterator<Item = ReadingId>) -> Result<Self, ReadingError> {
        let mut readings: Vec<ReadingId> = Vec::new();
        for id in ids {
            let ambiguity = id.reading().ambiguity;
            let rival = readings.iter().find(|own| own.reading().ambiguity == ambiguity);
            match rival {
                Some(rival) if *rival != id => {
                    return Err(ReadingError::Contradiction(*rival, id));
                }
                Some(_) => {}
                None => readings.push(id),
            }
        }
        Ok(Self { readings })
    }

    /// The readings of the set.
    pub fn iter(&self) -> impl Iterator<Item = ReadingId> {
        self.readings.iter().copied()
    }

    /// The reading of a question: that of the set or one that follows from it, or the documented one.
    pub fn answer(&self, question: AmbiguityId) -> ReadingId {
        let implied = self.rows().flat_map(|switch| switch.implies).copied();
        let mut own = implied.chain(self.iter());
        let own = own.find(|id| id.reading().ambiguity == question);
        own.unwrap_or_else(|| question.ambiguity().reference)
    }

    /// Returns whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.readings.is_empty()
    }

    /// The rows of the readings that are not documented, in the order of the tables.
    fn rows(&self) -> impl Iterator<Item = &'static ReadingSwitch> {
        switches().filter(|switch| self.readings.contains(&switch.id))
    }

    /// Requirements that do not apply under these readings, or that nothing shows.
    pub fn leaves_open(&self) -> Vec<RequirementId> {
        self.rows().flat_map(|switch| switch.leaves_open).copied().collect()
    }

    /// The mutations that implement the readings.
    pub(crate) fn mutations(&self) -> impl Iterator<Item = Mutation> {
        self.rows().filter_map(|switch| match switch.change {
            ReadingChange::Mutation(mutate) => {
                let mut mutation = Mutation::default();
                mutate(&mut mutation);
                Some(mutation)
            }
            ReadingChange::Counting(_) => None,
        })
    }

    /// Stacks the counting of unread messages on top of rules, if it differs.
    pub(crate) fn count_unread(&self, rules: &mut Rules) {
        let mut counting = Counting::default();
        for switch in self.rows() {
            if let ReadingChange::Counting(change) = switch.change {
                change(&mut counting);
            }
        }
        if counting != Counting::default() {
            let base = Arc::clone(&rules.storage);
            rules.storage = Arc::new(Recounting { base, counting });
        }
    }
}

impl From<ReadingId> for ReadingSet {
    fn from(id: ReadingId) -> Self {
        Self { readings: vec![id] }
    }
}

impl FromStr for ReadingSet {
    type Err = ReadingError;

    fn from_str(text: &str) -> Result<Self, ReadingError> {
        let ids = text.split(',').map(str::trim).filter(|id| !id.is_empty());
        let ids: Vec<ReadingId> = ids.map(str::parse).collect::<Result<_, _>>()?;
        Self::new(ids)
    }
}

impl fmt::Display for ReadingSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.readings.iter().map(|id| id.as_str()).collect();
        formatter.write_str(&ids.join(","))
    }
}

impl fmt::Debug for ReadingSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ReadingSet({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_written_as_they_are_parsed() {
        let text = "delete-status=204,is-read=viewer";
        assert_eq!(text.parse::<ReadingSet>().unwrap().to_string(), text);
        let twice: ReadingSet = "delete-status=204, delete-status=204".parse().unwrap();
        assert_eq!(twice.to_string(), "delete-status=204");
        assert!("".parse::<ReadingSet>().unwrap().is_empty());
        assert_eq!(twice.answer(AmbiguityId::DeleteStatus), ReadingId::DeleteStatus204);
        assert_eq!(twice.answer(AmbiguityId::IsRead), ReadingId::IsReadAnyMember);
    }

    #[test]
    fn an_ambiguity_has_one_reading() {
        let error = "delete-status=204,delete-status=200".parse::<ReadingSet>().unwrap_err();
        let expected =
            "readings `delete-status=204` and `delete-status=200` answer the same question";
        assert_eq!(error.to_string(), expected);
        let unknown = "delete-status=205".parse::<ReadingSet>().unwrap_err().to_string();
        assert!(unknown.contains("did you mean `delete-status=20"), "{unknown}");
    }

    #[test]
    fn documented_readings_change_nothing() {
        let set: ReadingSet = "delete-status=200,deleted-counts-unread=no".parse().unwrap();
        assert_eq!(set.mutations().count(), 0);
        let mut rules = Rules::default();
        set.count_unread(&mut rules);
        assert_eq!(size_of_val(&*rules.storage), size_of_val(&*Rules::default().storage));
    }
}
