//! The accounts at the target, which tests act as.

mod diagnostic;
mod file;

use hearback_contract::UserId;
use hearback_history::{ActorName, Recorder};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

pub use diagnostic::{AccountsError, InvalidAccounts, Problem};

/// An account at the target.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its user name, which is also the actor's name.
    pub username: ActorName,
    /// What opens it.
    pub secret: AccountSecret,
    /// Its user id, where it is known beforehand.
    pub id: Option<UserId>,
    /// Its full name, where it is known beforehand.
    pub full_name: Option<String>,
    /// Whether it may create rooms.
    pub creates_rooms: bool,
}

/// What opens an account. Section *Authentication*.
#[derive(Clone, Debug)]
pub enum AccountSecret {
    /// A password, to log in with.
    Password(SecretString),
    /// Tokens that somebody obtained before.
    Tokens {
        /// The access token.
        access: SecretString,
        /// The refresh token.
        refresh: Option<SecretString>,
    },
}

/// Things that the API cannot create: where none is named, nothing is assumed to exist. Section *Create
/// New Room*.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixtures {
    /// A task's id, for rooms of type `task`.
    pub task: Option<i64>,
    /// A property's id, for rooms of type `property`.
    pub property: Option<i64>,
}

/// All accounts of a run.
#[derive(Clone, Debug)]
pub struct Accounts {
    /// At least one, each user name once.
    pub accounts: Vec<Account>,
    /// What else must exist.
    pub fixtures: Fixtures,
}

impl Account {
    /// An account to log in to.
    pub fn with_password(
        username: impl Into<ActorName>,
        password: impl Into<SecretString>,
    ) -> Self {
        Self::new(username.into(), AccountSecret::Password(password.into()))
    }

    /// An account with ready tokens.
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

    /// Has the recorder take the account's secrets out of everything from now on.
    pub(crate) fn register_secrets(&self, recorder: &Recorder) {
        let name = &self.username;
        match &self.secret {
            // A password that is the user name is no secret, and without names nothing could be judged.
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
    /// Accounts made in code, without fixtures.
    pub fn new(accounts: Vec<Account>) -> Self {
        Self { accounts, fixtures: Fixtures::default() }
    }

    /// Reads an accounts file; secrets may stand in environment variables.
    pub fn read(path: &std::path::Path) -> Result<Self, AccountsError> {
        let text = std::fs::read_to_string(path).map_err(|source| AccountsError::Unreadable {
            path: path.display().to_string(),
            source,
        })?;
        Self::parse(&path.display().to_string(), &text, |name| std::env::var(name).ok())
    }

    /// That an account of the file has another id at the target, which `stated` it.
    pub fn another_id(path: &std::path::Path, account: &Account, stated: UserId) -> AccountsError {
        let username = account.username.to_string();
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let span = file::place_of_id(&text, &username).unwrap_or(0..text.len().min(1));
        let problem =
            Problem::AnotherId { username, id: account.id.unwrap_or(UserId::new(0)), stated };
        InvalidAccounts::new(&path.display().to_string(), &text, problem, span).into()
    }

    /// Parses the text of an accounts file; `environment` looks up a variable.
    pub fn parse(
        file: &str,
        text: &str,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, AccountsError> {
        file::parse(text, environment)
            .map_err(|(problem, span)| InvalidAccounts::new(file, text, problem, span).into())
    }
}
