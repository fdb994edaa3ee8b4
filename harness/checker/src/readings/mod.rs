//! The readings that a target takes, as a history shows them.
//!
//! An observer is a row of a table, one file per family: the open question, and a function that looks for situations in
//! which only one reading explains what the target did. A situation that is in doubt is passed over, so a question may
//! remain without an answer, and gets two if the target answers it in both ways.

mod attachments;
mod auth;
mod content;
mod deletion;
mod departures;
mod input;
mod members;
mod messages;
mod observation;
mod observer;
mod pages;
mod receipts;
mod rooms;
mod search;
mod shapes;
mod sockets;
mod status;
#[cfg(test)]
mod testing;
mod unread;

pub use observation::ObservedReading;
use observation::ReadingObservations;
use observer::Observer;

use crate::rule::RuleInput;

static FAMILIES: [&[Observer]; 14] = [
    auth::ROWS,
    shapes::ROWS,
    rooms::ROWS,
    members::ROWS,
    departures::ROWS,
    input::ROWS,
    messages::ROWS,
    content::ROWS,
    attachments::ROWS,
    deletion::ROWS,
    search::ROWS,
    receipts::ROWS,
    unread::ROWS,
    sockets::ROWS,
];

fn observers() -> impl Iterator<Item = &'static Observer> {
    FAMILIES.into_iter().flatten().chain(pages::ROWS)
}

/// The readings that the target took, in the order of the register of ambiguities.
pub(crate) fn observe(input: RuleInput<'_>) -> Vec<ObservedReading> {
    let mut observed: Vec<_> = observers()
        .flat_map(|observer| {
            let mut observations = ReadingObservations::default();
            (observer.observe)(input, &mut observations);
            observations.into_readings(observer.ambiguity)
        })
        .collect();
    observed.sort_by_key(|it| it.reading as usize);
    observed
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_question_with_several_readings_has_one_observer() {
        let mut observed = BTreeSet::new();
        for observer in observers() {
            assert!(observed.insert(observer.ambiguity), "{} has two", observer.ambiguity);
        }
        let open = hearback_contract::ambiguity::all().iter().filter(|row| row.readings.len() > 1);
        let open: BTreeSet<_> = open.map(|row| row.id).collect();
        assert_eq!(observed, open);
    }
}
