//! The users of a running server. Accounts do not change while it runs, so they are kept in memory.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::accounts::Account;
use crate::store::Store;
use crate::users::{Credentials, User, UserId};

/// All users, by id and by username.
pub struct Directory {
    users: BTreeMap<UserId, Arc<User>>,
    credentials: HashMap<String, (UserId, Credentials)>,
}

impl Directory {
    /// Writes the accounts into the store and reads all users back.
    pub(crate) fn open(store: &Store, accounts: &[Account]) -> rusqlite::Result<Self> {
        let transaction = store.begin()?;
        for account in accounts {
            store.put_user(account, &Credentials::of(&account.password))?;
        }
        transaction.commit()?;

        let mut directory = Self { users: BTreeMap::new(), credentials: HashMap::new() };
        for (user, credentials) in store.users()? {
            directory.credentials.insert(user.username.clone(), (user.id, credentials));
            directory.users.insert(user.id, Arc::new(user));
        }
        Ok(directory)
    }

    /// The user with this id.
    pub fn find(&self, id: UserId) -> Option<&Arc<User>> {
        self.users.get(&id)
    }

    /// The user of a row in the store; foreign keys guarantee that the user exists.
    pub fn known(&self, id: UserId) -> Arc<User> {
        Arc::clone(&self.users[&id])
    }

    /// All ids, in ascending order.
    pub fn ids(&self) -> impl Iterator<Item = UserId> {
        self.users.keys().copied()
    }

    /// The user with this username, and their credentials.
    pub fn account(&self, username: &str) -> Option<(&Arc<User>, &Credentials)> {
        let (id, credentials) = self.credentials.get(username)?;
        Some((&self.users[id], credentials))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::seeded;

    fn id(directory: &Directory, username: &str) -> UserId {
        directory.account(username).unwrap().0.id
    }

    #[test]
    fn ids_follow_the_list_and_are_kept() {
        let store = Store::open(None).unwrap();
        let directory = Directory::open(&store, &seeded(3)).unwrap();
        assert_eq!(id(&directory, "carol"), 3);

        let mut reversed = seeded(4);
        reversed.reverse();
        let directory = Directory::open(&store, &reversed).unwrap();
        assert_eq!(id(&directory, "carol"), 3);
        assert_eq!(id(&directory, "dave"), 4);
    }

    #[test]
    fn credentials_match_their_own_password_only() {
        let store = Store::open(None).unwrap();
        let directory = Directory::open(&store, &seeded(2)).unwrap();
        let (_, credentials) = directory.account("alice").unwrap();
        assert!(credentials.matches("alice-password"));
        assert!(!credentials.matches("bob-password"));
        assert!(directory.account("unknown").is_none());
    }
}
