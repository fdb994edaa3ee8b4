//! Requirements of a run on its accounts.

use std::sync::Arc;

use hearback_client::{Account, Client};
use secrecy::SecretString;

use crate::context::Context;
use crate::target::TargetUnderTest;

/// The scenario under which onboarding is recorded.
pub(crate) const SCENARIO: &str = "preflight";

/// Logins, and rooms that reveal user ids, at the same time. Most targets make logins slow on purpose.
pub(super) const CONCURRENCY: usize = 8;

/// Tests that one account makes in its own room.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RoomTests {
    /// True if to test that a socket opens.
    pub(crate) socket: bool,
    /// True if to measure the lag of reads and searches behind writes.
    pub(crate) lag: bool,
}

impl RoomTests {
    /// Returns whether a room is needed.
    pub(super) fn is_any(self) -> bool {
        self.socket || self.lag
    }
}

/// Requirements of a run on its accounts.
pub(crate) struct Onboarding<'a> {
    /// The client of the run.
    pub(crate) client: &'a Arc<Client>,
    /// The target of the run.
    pub(crate) target: &'a TargetUnderTest,
    /// Accounts to log in.
    pub(crate) accounts: &'a [Account],
    /// Name of the run.
    pub(crate) run: &'a str,
    /// Key that the tokens of all accounts but the first creator are signed with, instead of logging in.
    pub(crate) signing_key: Option<&'a SecretString>,
    /// Number of accounts, from the first on, whose ids are known to be right.
    pub(crate) known_ids: usize,
    /// True if every id is required, and nothing else about the users.
    pub(crate) requires_ids: bool,
    /// Tests in the room of the first account that creates rooms.
    pub(crate) tests: RoomTests,
    /// Where cancellation is noticed, and progress reported.
    pub(crate) context: &'a Context,
}
