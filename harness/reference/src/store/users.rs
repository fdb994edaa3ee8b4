//! Users and what they log in with.

use rusqlite::{Result, params};

use super::Store;
use crate::accounts::Account;
use crate::directory::User;

/// A salted digest of a password.
pub(crate) struct Credentials {
    /// Key of the digest.
    pub(crate) salt: Vec<u8>,
    /// HMAC-SHA-256 of the password.
    pub(crate) digest: Vec<u8>,
}

impl Store {
    /// Enters an account under the next id, or renews it under the id that its username has.
    pub(crate) fn put_user(&self, account: &Account, credentials: &Credentials) -> Result<()> {
        self.run(
            "INSERT INTO users (username, full_name, email, salt, digest) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (username) DO UPDATE SET full_name = excluded.full_name,
                 email = excluded.email, salt = excluded.salt, digest = excluded.digest",
            params![
                account.username,
                account.full_name,
                account.email,
                credentials.salt,
                credentials.digest
            ],
        )?;
        Ok(())
    }

    /// Everybody.
    pub(crate) fn users(&self) -> Result<Vec<(User, Credentials)>> {
        self.many("SELECT id, username, full_name, email, salt, digest FROM users", [], |row| {
            let user = User {
                id: row.get(0)?,
                username: row.get(1)?,
                full_name: row.get(2)?,
                email: row.get(3)?,
            };
            Ok((user, Credentials { salt: row.get(4)?, digest: row.get(5)? }))
        })
    }
}
