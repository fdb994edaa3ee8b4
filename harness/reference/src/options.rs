//! How the server is started.

use std::path::PathBuf;
use std::time::Duration;

use crate::accounts::{Account, seeded};
use crate::faults::FaultSet;

/// What a server is started with; the default is a clean server in memory with eight accounts.
#[derive(Clone, Debug)]
pub struct Options {
    /// File of the database, made if absent; in memory if `None`.
    pub database: Option<PathBuf>,
    /// Accounts that exist from the start; ids are given in order, from 1, and kept in a file.
    pub accounts: Vec<Account>,
    /// Faults that are switched on.
    pub faults: FaultSet,
    /// Key that tokens are signed with (HS256); random if `None`.
    pub jwt_secret: Option<String>,
    /// How long an access token is valid, in whole seconds.
    pub access_lifetime: Duration,
    /// How long a refresh token is valid, in whole seconds.
    pub refresh_lifetime: Duration,
    /// Largest attachment, in bytes.
    pub media_limit: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            database: None,
            accounts: seeded(8),
            faults: FaultSet::default(),
            jwt_secret: None,
            access_lifetime: Duration::from_secs(60 * 60),
            refresh_lifetime: Duration::from_secs(24 * 60 * 60),
            media_limit: 10 << 20,
        }
    }
}
