//! Readings: what a server may do where the specification is silent.
//!
//! A reading is a row of a table, one file per family: its id in the contract's register of
//! ambiguities, and a function that configures a `Mutation`, or the counting of unread messages.
//! Readings that the documented server takes have no row.

mod auth;
mod counting;
mod deletion;
mod empty_rooms;
mod input;
mod lenient;
mod lookup;
mod messages;
mod pages;
mod participants;
mod reading_set;
mod receipts;
mod rooms;
mod search;
mod sockets;
mod status;
mod switch;
mod unread;
mod words;

pub use reading_set::{ReadingError, ReadingSet};
pub use switch::ReadingSwitch;

/// The tables. Later rows change what earlier ones have left.
const FAMILIES: [&[ReadingSwitch]; 12] = [
    auth::ROWS,
    rooms::ROWS,
    participants::ROWS,
    input::ROWS,
    messages::ROWS,
    deletion::ROWS,
    search::ROWS,
    empty_rooms::ROWS,
    receipts::ROWS,
    unread::ROWS,
    sockets::ROWS,
    pages::ROWS,
];

/// Every switch, in the order in which they apply; those of shapes and statuses are last.
pub fn switches() -> impl Iterator<Item = &'static ReadingSwitch> {
    FAMILIES.into_iter().flatten().chain(status::ROWS)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use hearback_contract::ReadingId;

    use super::*;

    #[test]
    fn every_reading_but_the_documented_one_has_one_switch() {
        let mut ids = BTreeSet::new();
        for switch in switches() {
            assert!(ids.insert(switch.id), "{} has two switches", switch.id);
            assert!(!switch.id.reading().is_reference, "{} is documented", switch.id);
        }
        let others = ReadingId::ALL.into_iter().filter(|id| !id.reading().is_reference);
        let without: Vec<_> = others.filter(|id| !ids.contains(id)).collect();
        assert!(without.is_empty(), "no switch for {without:#?}");
    }
}
