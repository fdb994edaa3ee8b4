//! Occasions on which a fault strikes.

use crate::memory::Memory;

/// The responses that a fault changes, of those that it could.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Occasions {
    /// All of them.
    #[default]
    All,
    /// The first one since the server was started.
    Once,
    /// The first one, and every second one after it.
    EverySecond,
}

impl Occasions {
    /// Those that can follow the id of a fault, with their names.
    pub(crate) const NAMED: [(&'static str, Self); 2] =
        [("once", Self::Once), ("every-second", Self::EverySecond)];

    /// Counts an occasion; true if the fault strikes.
    pub(crate) fn include_next(self, memory: &Memory) -> bool {
        let count = memory.next_response();
        match self {
            Self::All => true,
            Self::Once => count == 0,
            Self::EverySecond => count.is_multiple_of(2),
        }
    }

    /// The name after the id of a fault, with `@`; empty for all occasions.
    pub(crate) fn suffix(self) -> String {
        let named = Self::NAMED.iter().find(|(_, occasions)| *occasions == self);
        named.map(|(name, _)| format!("@{name}")).unwrap_or_default()
    }
}
