//! Synthetic ids for requests about users, participants, rooms and messages that do not exist.
//!
//! The checker recognizes them in a history, so it knows that the target cannot have issued them.

use uuid::Uuid;

/// A user or participant id that exceeds those of any target, but fits 32 signed bits.
pub const NUMBER: i64 = 2_147_480_000;

/// End of every synthetic UUID; a random UUID has it with a probability of 2^-62.
const SUFFIX: &str = "-4000-8000-000000000000";

/// A synthetic UUID (version 4), different for each `n`.
pub fn uuid(n: u64) -> String {
    let random = Uuid::new_v5(&Uuid::NAMESPACE_OID, &n.to_be_bytes()).to_string();
    format!("{}{SUFFIX}", &random[..13])
}

/// Returns whether `text` is a result of [`uuid()`].
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.ends_with(SUFFIX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synthetic_uuids_are_valid_distinct_and_recognized() {
        assert_eq!(Uuid::parse_str(&uuid(1)).unwrap().get_version_num(), 4);
        assert_ne!(uuid(1), uuid(2));
        assert!(is_uuid(&uuid(7)));
        assert!(!is_uuid(&Uuid::new_v5(&Uuid::NAMESPACE_OID, b"x").to_string()));
    }
}
