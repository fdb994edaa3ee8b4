//! The actors of test histories.

/// Names of the actors; their user ids are 1, 2, ….
pub const ACTORS: [&str; 6] = ["alice", "bob", "carol", "dave", "erin", "frank"];
