//! Options of a server.

use std::path::PathBuf;
use std::time::Duration;

use crate::accounts::{Account, seeded};
use crate::seams::Seams;

/// Options of a server; the default is the documented server, in memory, with eight accounts.
#[derive(Clone)]
pub struct Options {
    /// File of the database, created if it does not exist; in memory if `None`.
    pub database: Option<PathBuf>,
    /// Accounts that can log in; ids are assigned in order, from 1, and kept in the file.
    pub accounts: Vec<Account>,
    /// True to start with what the [`examples`](crate::examples) of the specification name, if the accounts are
    /// those of the examples.
    pub examples: bool,
    /// Extension points.
    pub seams: Seams,
    /// Key that signs tokens (HS256); random if `None`.
    pub jwt_secret: Option<String>,
    /// Lifetime of an access token, in whole seconds.
    pub access_lifetime: Duration,
    /// Lifetime of a refresh token, in whole seconds.
    pub refresh_lifetime: Duration,
    /// Maximum size of an attachment, in bytes.
    pub media_limit: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            database: None,
            accounts: seeded(8),
            examples: false,
            seams: Seams::default(),
            jwt_secret: None,
            access_lifetime: Duration::from_secs(60 * 60),
            refresh_lifetime: Duration::from_secs(24 * 60 * 60),
            media_limit: 10 << 20,
        }
    }
}
