//! Accounts that a server starts with.

/// A user who can log in. Section *UserBrief*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Unique login name.
    pub username: String,
    /// Password in clear text; the database holds a salted digest only.
    pub password: String,
    /// Name shown to other users.
    pub full_name: String,
    /// E-mail address.
    pub email: String,
}

const NAMED: [(&str, &str); 8] = [
    ("alice", "Alice Johnson"),
    ("bob", "Bob Smith"),
    ("carol", "Carol Williams"),
    ("dave", "Dave Brown"),
    ("erin", "Erin Davis"),
    ("frank", "Frank Miller"),
    ("grace", "Grace Wilson"),
    ("heidi", "Heidi Moore"),
];

/// The first `count` default accounts: `alice` to `heidi`, then `user0009` and so on.
///
/// The password of each is its username followed by `-password`.
pub fn seeded(count: usize) -> Vec<Account> {
    (0..count)
        .map(|index| match NAMED.get(index) {
            Some((username, full_name)) => account((*username).to_owned(), (*full_name).to_owned()),
            None => account(format!("user{:04}", index + 1), format!("User {:04}", index + 1)),
        })
        .collect()
}

fn account(username: String, full_name: String) -> Account {
    Account {
        password: format!("{username}-password"),
        email: format!("{username}@example.com"),
        full_name,
        username,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_lists_begin_like_shorter_ones() {
        let accounts = seeded(10);
        assert_eq!(accounts[..8], seeded(8));
        assert_eq!(accounts[0].email, "alice@example.com");
        assert_eq!(accounts[0].password, "alice-password");
        assert_eq!(accounts[8].username, "user0009");
        assert_eq!(accounts[9].full_name, "User 0010");
    }
}
