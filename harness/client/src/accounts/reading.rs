//! Reading of accounts files.

use std::path::Path;

use hearback_contract::UserId;

use super::diagnostic::{AccountsError, InvalidAccounts, Problem};
use super::{Account, Accounts, file};

impl Accounts {
    /// Reads an accounts file, and the environment variables that it refers to.
    ///
    /// # Errors
    /// If the file cannot be read or is invalid.
    pub fn read(path: &Path) -> Result<Self, AccountsError> {
        let text = std::fs::read_to_string(path).map_err(|source| AccountsError::Unreadable {
            path: path.display().to_string(),
            source,
        })?;
        Self::parse(&path.display().to_string(), &text, |name| std::env::var(name).ok())
    }

    /// The error for an account whose id in the file differs from `actual`, its id at the target.
    pub fn id_mismatch(path: &Path, account: &Account, actual: UserId) -> AccountsError {
        let username = account.username.to_string();
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let span = file::span_of_id(&text, &username).unwrap_or(0..text.len().min(1));
        let id = account.id.unwrap_or(UserId::new(0));
        let problem = Problem::IdMismatch { username, id, actual };
        InvalidAccounts::new(&path.display().to_string(), &text, problem, span).into()
    }

    /// Parses the text of an accounts file; `environment` returns the value of a variable.
    ///
    /// # Errors
    /// If the text is invalid.
    pub fn parse(
        file: &str,
        text: &str,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, AccountsError> {
        file::parse(text, environment)
            .map_err(|(problem, span)| InvalidAccounts::new(file, text, problem, span).into())
    }
}
