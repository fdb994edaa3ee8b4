//! Reading accounts files, and the error for an account that contradicts the target.

use hearback_config::variable::{Environment, ProcessEnvironment};
use hearback_config::{Document, FileError, Problem, Source};
use hearback_contract::UserId;

use super::file;
use super::problem::AccountProblem;
use super::{Account, Accounts, Fixtures, ListedAccount};

impl Accounts {
    /// Reads an accounts file, and the environment variables that it refers to.
    ///
    /// # Errors
    /// If the file cannot be read or is invalid.
    pub fn read(source: &Source) -> Result<Self, FileError> {
        Self::parse(&document(source)?, &ProcessEnvironment)
    }

    /// The accounts of a file without their secrets, and its fixtures. Variables need not be set.
    ///
    /// # Errors
    /// If the file cannot be read or is invalid.
    pub fn list(source: &Source) -> Result<(Vec<ListedAccount>, Fixtures), FileError> {
        file::list(&document(source)?)
    }

    /// The error for an account whose id in the file differs from `actual`, its id at the target.
    pub fn id_mismatch(source: &Source, account: &Account, actual: UserId) -> FileError {
        let document = match document(source) {
            Ok(document) => document,
            Err(error) => return error,
        };
        let username = account.username.to_string();
        let span = file::span_of_id(&document, &ProcessEnvironment, &username);
        let id = account.id.unwrap_or(UserId::new(0));
        let problem = Problem::from(AccountProblem::IdMismatch { username, id, actual });
        document.invalid(problem.at(span.unwrap_or_else(|| document.start())))
    }

    /// Parses an accounts file.
    ///
    /// # Errors
    /// If the text is invalid.
    pub fn parse(document: &Document, environment: &dyn Environment) -> Result<Self, FileError> {
        file::parse(document, environment)
    }
}

fn document(source: &Source) -> Result<Document, FileError> {
    source.read("accounts file", file::excerpt()).map_err(|error| {
        error.with_help("--accounts expects the path of a TOML file with one [[account]] per user")
    })
}
