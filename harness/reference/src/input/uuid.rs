//! UUIDs in input.

use uuid::Uuid;

/// Parses a UUID in its hyphenated form, the only form in the specification.
pub fn parse_uuid(text: &str) -> Option<Uuid> {
    (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hyphenated_uuids_are_accepted() {
        assert!(parse_uuid("550e8400-e29b-41d4-a716-446655440000").is_some());
        assert!(parse_uuid("550e8400e29b41d4a716446655440000").is_none());
        assert!(parse_uuid("{550e8400-e29b-41d4-a716-44665544000}").is_none());
    }
}
