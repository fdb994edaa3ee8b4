//! Behavior that no client of the API can cause, so that no requirement covers it.

/// Behavior that cannot be tested through the API.
#[derive(Debug)]
pub struct NotTestable {
    /// The behavior.
    pub subject: &'static str,
    /// The closest heading of the specification.
    pub section: &'static str,
    /// The operation that the API lacks.
    pub reason: &'static str,
}

/// Everything of which users of a chat server may expect a test, and which has none.
pub static NOT_TESTABLE: &[NotTestable] = &[
    NotTestable {
        subject: "disabled users",
        section: "Authentication",
        reason: "No operation disables a user, so whether their tokens and sockets end is not observed.",
    },
    NotTestable {
        subject: "logout",
        section: "Authentication",
        reason: "No operation ends a session, so whether its tokens and sockets end is not observed.",
    },
    NotTestable {
        subject: "changed passwords",
        section: "Getting JWT Tokens",
        reason: "No operation changes a password, so whether it ends earlier sessions is not observed.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification;

    #[test]
    fn sections_exist() {
        for row in NOT_TESTABLE {
            assert!(specification::section(row.section).is_some(), "{}", row.section);
        }
    }
}
