//! The register of what the specification leaves open.
//!
//! The rows are data, in `ambiguities.toml`; `build.rs` turns them into Rust.

use crate::id::text_id;

/// A question that the specification leaves open or answers in contradictory ways.
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

/// Every entry of the register, in order.
pub fn all() -> &'static [Ambiguity] {
    AMBIGUITIES
}

text_id!(AmbiguityId, "ambiguity");

impl AmbiguityId {
    /// The entry that it refers to.
    pub fn ambiguity(self) -> &'static Ambiguity {
        &AMBIGUITIES[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_names_a_section_and_has_readings() {
        for entry in all() {
            assert_eq!(entry.id.ambiguity().question, entry.question);
            assert!(crate::specification::section(entry.section).is_some(), "{}", entry.section);
            assert!(!entry.readings.is_empty(), "{}", entry.id);
        }
    }
}
