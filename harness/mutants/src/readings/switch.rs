//! Rows of the reading tables.

use hearback_contract::{ReadingId, RequirementId};

use super::counting::Counting;
use crate::mutation::Mutation;

/// A reading that a server can start with.
#[derive(Clone, Copy)]
pub struct ReadingSwitch {
    /// The reading.
    pub id: ReadingId,
    /// Requirements that do not apply under this reading, or that nothing shows.
    pub leaves_open: &'static [RequirementId],
    /// Readings of other questions that follow from it.
    pub implies: &'static [ReadingId],
    /// Implementation of the reading.
    pub(super) change: ReadingChange,
}

/// The implementation of a reading.
#[derive(Clone, Copy)]
pub(super) enum ReadingChange {
    /// Changes of rules and of the wire.
    Mutation(fn(&mut Mutation)),
    /// Another way to count unread messages.
    Counting(fn(&mut Counting)),
}

impl ReadingSwitch {
    /// The same switch; it leaves these requirements open.
    pub(super) const fn leaving_open(self, leaves_open: &'static [RequirementId]) -> Self {
        Self { leaves_open, ..self }
    }

    /// The same switch; these readings of other questions follow from it.
    pub(super) const fn implying(self, implies: &'static [ReadingId]) -> Self {
        Self { implies, ..self }
    }
}

/// A row of a table.
pub(super) const fn row(id: ReadingId, mutate: fn(&mut Mutation)) -> ReadingSwitch {
    ReadingSwitch { id, leaves_open: &[], implies: &[], change: ReadingChange::Mutation(mutate) }
}

/// A row of a reading that counts unread messages in another way.
pub(super) const fn counting(id: ReadingId, count: fn(&mut Counting)) -> ReadingSwitch {
    ReadingSwitch { id, leaves_open: &[], implies: &[], change: ReadingChange::Counting(count) }
}
