//! The weather tables, one file per subject.

mod gateways;
mod networks;
mod replicas;
mod sockets;
mod throttles;
mod tokens;

use super::kind::WeatherKind;

/// The tables, in the order of the list.
const SUBJECTS: [&[WeatherKind]; 6] =
    [networks::ROWS, gateways::ROWS, throttles::ROWS, tokens::ROWS, replicas::ROWS, sockets::ROWS];

/// Every kind of weather, by subject.
pub static WEATHER: [WeatherKind; count()] = rows();

const fn count() -> usize {
    let (mut count, mut subject) = (0, 0);
    while subject < SUBJECTS.len() {
        count += SUBJECTS[subject].len();
        subject += 1;
    }
    count
}

const fn rows() -> [WeatherKind; count()] {
    let mut rows = [SUBJECTS[0][0]; count()];
    let (mut index, mut subject) = (0, 0);
    while subject < SUBJECTS.len() {
        let mut row = 0;
        while row < SUBJECTS[subject].len() {
            rows[index] = SUBJECTS[subject][row];
            index += 1;
            row += 1;
        }
        subject += 1;
    }
    rows
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_descriptions_are_sentences() {
        let mut ids = BTreeSet::new();
        for kind in &WEATHER {
            let id = kind.id.as_str();
            assert!(ids.insert(id), "{id} is used twice");
            assert!(id.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-'), "{id}");
            assert!(kind.description.ends_with('.'), "{id}");
        }
    }
}
