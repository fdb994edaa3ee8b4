//! Accounts of test users at the target.

mod file;
mod problem;
mod reading;

use hearback_contract::UserId;
use hearback_history::{ActorName, Recorder};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

/// JSON Schema of the table `[[account]]`.
pub const ACCOUNT_SCHEMA: &str = include_str!("account.schema.json");

/// JSON Schema of the table `[fixtures]`.
pub const FIXTURES_SCHEMA: &str = include_str!("fixtures.schema.json");

/// An account at the target.
#[derive(Clone, Debug)]
pub struct Account {
    /// User name, which is also the name of the actor.
    pub username: ActorName,
    /// Password or tokens.
    pub secret: AccountSecret,
    /// User id, if known.
    pub id: Option<UserId>,
    /// Full name, if known.
    pub full_name: Option<String>,
    /// True if the user may create rooms.
    pub creates_rooms: bool,
}

/// Secret of an account. Section *Authentication*.
#[derive(Clone, Debug)]
pub enum AccountSecret {
    /// A password for logging in.
    Password(SecretString),
    /// Tokens that were obtained before.
    Tokens {
        /// The access token.
        access: SecretString,
        /// The refresh token.
        refresh: Option<SecretString>,
    },
}

/// Objects that the API cannot create; without an id, none is assumed to exist. Section *Create New Room*.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixtures {
    /// Id of a task, for rooms of type `task`.
    pub task: Option<i64>,
    /// Id of a property, for rooms of type `property`.
    pub property: Option<i64>,
}

/// An account as a file describes it, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAccount {
    /// User name, which is also the name of the actor.
    pub username: String,
    /// The key of each secret that names a variable, such as `password_env`, with the variable. A secret that the file
    /// contains gets a name such as `ALICE_PASSWORD`.
    pub secrets: Vec<(&'static str, String)>,
    /// User id, if stated.
    pub id: Option<i64>,
    /// Full name, if stated.
    pub full_name: Option<String>,
    /// True if the user may create rooms.
    pub creates_rooms: bool,
}

/// All accounts of a run.
#[derive(Clone, Debug)]
pub struct Accounts {
    /// The accounts: at least one, with distinct user names.
    pub accounts: Vec<Account>,
    /// Other objects at the target.
    pub fixtures: Fixtures,
}

impl Account {
    /// An account with a password.
    pub fn with_password(
        username: impl Into<ActorName>,
        password: impl Into<SecretString>,
    ) -> Self {
        Self::new(username.into(), AccountSecret::Password(password.into()))
    }

    /// An account with tokens.
    pub fn with_tokens(
        username: impl Into<ActorName>,
        access: impl Into<SecretString>,
        refresh: Option<SecretString>,
    ) -> Self {
        Self::new(username.into(), AccountSecret::Tokens { access: access.into(), refresh })
    }

    fn new(username: ActorName, secret: AccountSecret) -> Self {
        Self { username, secret, id: None, full_name: None, creates_rooms: true }
    }

    /// Registers the secrets of the account, which are redacted from now on.
    pub(crate) fn register_secrets(&self, recorder: &Recorder) {
        let name = &self.username;
        match &self.secret {
            // Redacting a password equal to the user name would make the history unreadable.
            AccountSecret::Password(password) if password.expose_secret() == name.as_str() => {}
            AccountSecret::Password(password) => {
                recorder.register_secret(password.expose_secret(), &format!("password of {name}"));
            }
            AccountSecret::Tokens { access, refresh } => {
                recorder
                    .register_secret(access.expose_secret(), &format!("access token of {name}"));
                if let Some(refresh) = refresh {
                    recorder.register_secret(
                        refresh.expose_secret(),
                        &format!("refresh token of {name}"),
                    );
                }
            }
        }
    }
}

impl Accounts {
    /// Accounts without fixtures.
    pub fn new(accounts: Vec<Account>) -> Self {
        Self { accounts, fixtures: Fixtures::default() }
    }
}
