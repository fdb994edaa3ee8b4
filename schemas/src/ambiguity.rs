//! The questions that the specification leaves open.
//!
//! The rows are data, in `ambiguities.toml`; `build.rs` turns them into Rust.

use crate::table_id::table_id;

/// A question that the specification does not answer, or answers in contradictory ways.
#[derive(Debug)]
pub struct Ambiguity {
    /// Stable id.
    pub id: AmbiguityId,
    /// The closest heading of the specification.
    pub section: &'static str,
    /// The open question.
    pub question: &'static str,
    /// The readings that a server may take.
    pub readings: &'static [Reading],
    /// The behavior that hearback accepts.
    pub accepts: &'static str,
    /// The reading that the embedded reference server takes.
    pub reference: ReadingId,
    /// Behavior of the embedded reference server that its reading leaves open.
    pub details: Option<&'static str>,
}

/// One answer to an open question.
#[derive(Debug)]
pub struct Reading {
    /// Stable id, `ambiguity=reading`.
    pub id: ReadingId,
    /// The question that it answers.
    pub ambiguity: AmbiguityId,
    /// The answer.
    pub text: &'static str,
    /// True if the embedded reference server takes it.
    pub is_reference: bool,
}

include!(concat!(env!("OUT_DIR"), "/ambiguities.rs"));

table_id!(
    AmbiguityId,
    kind: "ambiguity",
    all: AmbiguityId::ALL,
    text: AmbiguityId::as_str,
);

table_id!(
    ReadingId,
    kind: "reading",
    all: ReadingId::ALL,
    text: ReadingId::as_str,
);

/// Every ambiguity, in the order of its table.
pub fn all() -> &'static [Ambiguity] {
    AMBIGUITIES
}

impl AmbiguityId {
    /// The row that the id refers to.
    pub fn ambiguity(self) -> &'static Ambiguity {
        &AMBIGUITIES[self as usize]
    }
}

impl ReadingId {
    /// The part after `ambiguity=`, which is unique among the readings of the ambiguity.
    pub fn own(self) -> &'static str {
        self.as_str().split_once('=').map_or(self.as_str(), |(_, own)| own)
    }

    /// The row that the id refers to.
    pub fn reading(self) -> &'static Reading {
        &READINGS[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification;

    #[test]
    fn every_row_is_found_by_its_id() {
        for (row, id) in all().iter().zip(AmbiguityId::ALL) {
            assert_eq!(row.id, id);
            assert_eq!(id.ambiguity().question, row.question);
            assert_eq!(id.as_str().parse::<AmbiguityId>().unwrap(), id);
        }
    }

    #[test]
    fn every_reading_is_found_by_its_id() {
        let readings: Vec<_> = all().iter().flat_map(|row| row.readings).collect();
        assert_eq!(readings.len(), ReadingId::ALL.len());
        for (reading, id) in readings.into_iter().zip(ReadingId::ALL) {
            assert_eq!(reading.id, id);
            assert_eq!(id.reading().text, reading.text);
            assert_eq!(id.as_str().parse::<ReadingId>().unwrap(), id);
            assert_eq!(id.as_str().split_once('=').unwrap().0, reading.ambiguity.as_str());
        }
    }

    #[test]
    fn every_row_names_a_section_and_has_one_reference_reading() {
        for row in all() {
            assert!(specification::section(row.section).is_some(), "{}", row.section);
            let references = row.readings.iter().filter(|reading| reading.is_reference);
            let ids: Vec<_> = references.map(|reading| reading.id).collect();
            assert_eq!(ids, [row.reference], "{}", row.id);
            assert_eq!(row.reference.reading().ambiguity, row.id);
        }
    }

    #[test]
    fn ids_of_readings_are_in_kebab_case() {
        for id in ReadingId::ALL {
            let kebab =
                |letter: char| letter.is_ascii_lowercase() || "-0123456789".contains(letter);
            let own = id.own();
            assert!(!own.is_empty() && own.chars().all(kebab), "{id}");
        }
    }
}
