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
    /// True if to test that a socket opens.
    pub(crate) tests_socket: bool,
    /// Where cancellation is noticed, and progress reported.
    pub(crate) context: &'a Context,
}
