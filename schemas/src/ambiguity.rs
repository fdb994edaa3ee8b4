//! The register of what the document leaves open. The rows are data, in `ambiguities.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

/// A place where the document is silent or contradicts itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ambiguity {
    /// Stable name.
    pub id: String,
    /// Heading of the document that comes nearest.
    pub section: String,
    /// What is left open.
    pub question: String,
    /// The readings that a server may take.
    pub readings: Vec<String>,
    /// What hearback accepts.
    pub accepts: String,
    /// What the embedded reference server does.
    pub reference: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Register {
    ambiguity: Vec<Ambiguity>,
}

static REGISTER: LazyLock<Register> = LazyLock::new(|| {
    toml::from_str(include_str!("../ambiguities.toml"))
        .unwrap_or_else(|error| panic!("ambiguities.toml: {error}"))
});

/// Every entry of the register, in order.
pub fn all() -> &'static [Ambiguity] {
    &REGISTER.ambiguity
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_names_a_section_once() {
        let mut ids = std::collections::HashSet::new();
        for entry in all() {
            assert!(ids.insert(&entry.id), "{} twice", entry.id);
            assert!(crate::document::section(&entry.section).is_some(), "{}", entry.section);
            assert!(!entry.readings.is_empty(), "{}", entry.id);
        }
    }
}
