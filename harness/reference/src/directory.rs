//! Who exists. Accounts do not change while the server runs, so they are kept in memory.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use aws_lc_rs::hmac;
use serde::Serialize;
use uuid::Uuid;

use crate::accounts::Account;
use crate::faults::{Behaviour, Faults};
use crate::store::{Store, users::Credentials};

/// Number of a user.
pub(crate) type UserId = i64;

/// A user as others see them. Section *UserBrief*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct User {
    /// Given in order, from 1.
    pub(crate) id: UserId,
    /// Unique name.
    pub(crate) username: String,
    /// Name that is shown.
    pub(crate) full_name: String,
    /// E-mail address.
    pub(crate) email: String,
}

/// All users, by id and by name.
pub(crate) struct Directory {
    faults: Arc<Faults>,
    users: BTreeMap<UserId, Arc<User>>,
    credentials: HashMap<String, (UserId, Credentials)>,
}

impl Directory {
    /// Enters the accounts into the store and reads everybody back.
    pub(crate) fn open(
        store: &Store,
        accounts: &[Account],
        faults: Arc<Faults>,
    ) -> rusqlite::Result<Self> {
        let transaction = store.begin()?;
        for account in accounts {
            store.put_user(account, &digest(&account.password))?;
        }
        transaction.commit()?;

        let mut directory = Self { faults, users: BTreeMap::new(), credentials: HashMap::new() };
        for (user, credentials) in store.users()? {
            directory.credentials.insert(user.username.clone(), (user.id, credentials));
            directory.users.insert(user.id, Arc::new(user));
        }
        Ok(directory)
    }

    /// The user with this id.
    pub(crate) fn find(&self, id: UserId) -> Option<&Arc<User>> {
        self.users.get(&id)
    }

    /// The user whom a row of the store names; rows name users that exist, as foreign keys see to.
    pub(crate) fn known(&self, id: UserId) -> Arc<User> {
        Arc::clone(&self.users[&id])
    }

    /// Everybody's ids, in order.
    pub(crate) fn ids(&self) -> impl Iterator<Item = UserId> {
        self.users.keys().copied()
    }

    /// Whether somebody has this name.
    pub(crate) fn knows(&self, username: &str) -> bool {
        self.credentials.contains_key(username)
    }

    /// The user with this name and password.
    pub(crate) fn log_in(&self, username: &str, password: &str) -> Option<&Arc<User>> {
        let (id, credentials) = self.credentials.get(username)?;
        let admitted =
            credentials.admit(password) || self.faults.has(Behaviour::AcceptsAnyPassword);
        admitted.then(|| &self.users[id])
    }
}

/// A salted digest of the password.
///
/// One HMAC, not a slow password hash: this is a development server, whose passwords are public, and
/// thousands of accounts must be there at once.
fn digest(password: &str) -> Credentials {
    let salt = Uuid::new_v4().into_bytes().to_vec();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &salt);
    let digest = hmac::sign(&key, password.as_bytes()).as_ref().to_vec();
    Credentials { salt, digest }
}

impl Credentials {
    /// Whether this is the password; compared in constant time.
    fn admit(&self, password: &str) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.salt);
        hmac::verify(&key, password.as_bytes(), &self.digest).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::seeded;

    #[test]
    fn ids_follow_the_list_and_stay() {
        let store = Store::open(None).unwrap();
        let directory = Directory::open(&store, &seeded(3), Arc::default()).unwrap();
        assert_eq!(directory.log_in("carol", "carol-password").unwrap().id, 3);

        let mut reversed = seeded(4);
        reversed.reverse();
        let directory = Directory::open(&store, &reversed, Arc::default()).unwrap();
        assert_eq!(directory.log_in("carol", "carol-password").unwrap().id, 3);
        assert_eq!(directory.log_in("dave", "dave-password").unwrap().id, 4);
    }

    #[test]
    fn only_the_right_password_logs_in() {
        let store = Store::open(None).unwrap();
        let directory = Directory::open(&store, &seeded(2), Arc::default()).unwrap();
        assert!(directory.log_in("alice", "bob-password").is_none());
        assert!(directory.log_in("nobody", "").is_none());
    }
}
