//! The fault tables, one file per family.

mod acknowledgement;
mod auth;
mod authorization;
mod deletion;
mod delivery;
mod device;
mod files;
mod input;
mod message;
mod order;
mod outsiders;
mod page;
mod participant;
mod protocol;
mod race;
mod receipts;
mod room;
mod schema;
mod search;
mod sequence;
mod socket;
mod status;
mod text;
mod unread;

use crate::fault::FaultSpec;

/// The tables, in the order of the report.
const FAMILIES: [&[FaultSpec]; 22] = [
    auth::ROWS,
    schema::ROWS,
    status::ROWS,
    input::ROWS,
    room::ROWS,
    message::ROWS,
    search::ROWS,
    text::ROWS,
    files::ROWS,
    page::ROWS,
    socket::ROWS,
    device::ROWS,
    protocol::ROWS,
    delivery::ROWS,
    order::ROWS,
    receipts::ROWS,
    unread::ROWS,
    deletion::ROWS,
    participant::ROWS,
    authorization::ROWS,
    sequence::ROWS,
    race::ROWS,
];

/// Every fault, by family.
pub static FAULTS: [FaultSpec; ALL.len()] = ALL;

/// The same rows, for evaluation at compile time.
pub(crate) const ALL: [FaultSpec; count()] = rows();

const fn count() -> usize {
    let (mut count, mut family) = (0, 0);
    while family < FAMILIES.len() {
        count += FAMILIES[family].len();
        family += 1;
    }
    count
}

const fn rows() -> [FaultSpec; count()] {
    let mut rows = [FAMILIES[0][0]; count()];
    let (mut index, mut family) = (0, 0);
    while family < FAMILIES.len() {
        let mut row = 0;
        while row < FAMILIES[family].len() {
            rows[index] = FAMILIES[family][row];
            index += 1;
            row += 1;
        }
        family += 1;
    }
    rows
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use hearback_contract::RequirementId;

    use super::*;

    #[test]
    fn ids_are_unique_and_in_the_family_of_their_requirement() {
        let mut ids = BTreeSet::new();
        for fault in &FAULTS {
            let id = fault.id.as_str();
            assert!(ids.insert(id), "{id} is used twice");
            assert_eq!(fault.id.family(), fault.breaks.family().as_str(), "{id}");
            let kebab =
                |letter: char| letter.is_ascii_lowercase() || "-/0123456789".contains(letter);
            assert!(id.chars().all(kebab), "{id}");
            assert!(fault.description.ends_with('.'), "{id}");
        }
    }

    #[test]
    fn every_requirement_has_a_fault() {
        let broken: BTreeSet<_> = FAULTS.iter().map(|fault| fault.breaks).collect();
        let without: Vec<_> = RequirementId::all().filter(|id| !broken.contains(id)).collect();
        assert!(without.is_empty(), "no fault breaks {without:#?}");
    }
}
