//! Users and their credentials.

use rusqlite::{Result, params};

use super::Store;
use crate::accounts::Account;
use crate::users::{Credentials, User};

impl Store {
    /// Inserts an account under the next id, or updates the account with this username.
    pub(crate) fn put_user(&self, account: &Account, credentials: &Credentials) -> Result<()> {
        self.execute(
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

    /// All users.
    pub(crate) fn users(&self) -> Result<Vec<(User, Credentials)>> {
        self.query("SELECT id, username, full_name, email, salt, digest FROM users", [], |row| {
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
