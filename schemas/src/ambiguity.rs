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
    pub readings: &'static [&'static str],
    /// The behavior that hearback accepts.
    pub accepts: &'static str,
    /// The behavior of the embedded reference server.
    pub reference: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/ambiguities.rs"));

table_id!(
    AmbiguityId,
    kind: "ambiguity",
    all: AmbiguityId::ALL,
    text: AmbiguityId::as_str,
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
    fn every_row_names_a_section_and_has_readings() {
        for row in all() {
            assert!(specification::section(row.section).is_some(), "{}", row.section);
            assert!(!row.readings.is_empty(), "{}", row.id);
        }
    }
}
