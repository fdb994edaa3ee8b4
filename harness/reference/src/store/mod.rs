//! The SQLite database. It reads and writes rows; the rules are in `chat` and [`crate::rules`].

pub mod attachments;
pub mod messages;
pub mod participants;
mod receipts;
pub mod rooms;
pub mod search;
mod users;
mod window;

use std::path::Path;

use rusqlite::backup::Backup;
use rusqlite::{Connection, Params, Result, Row, Transaction};

use crate::timestamp::Timestamp;

pub use window::Window;

/// Capacity of the statement cache; larger than the number of statements in this crate, so that
/// each is compiled once.
const STATEMENTS: usize = 128;

/// Number of pages of one step of a copy: all.
const ALL_PAGES: i32 = -1;

/// One database; its methods fail with the errors of SQLite.
pub struct Store {
    connection: Connection,
}

impl Store {
    /// Opens a file, or a database in memory, and creates missing tables.
    pub(crate) fn open(file: Option<&Path>) -> Result<Self> {
        let connection = match file {
            Some(file) => Connection::open(file)?,
            None => Connection::open_in_memory()?,
        };
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.execute_batch(include_str!("schema.sql"))?;
        Ok(Self { connection })
    }

    /// Begins a transaction, which is rolled back unless it is committed.
    pub(crate) fn begin(&self) -> Result<Transaction<'_>> {
        self.connection.unchecked_transaction()
    }

    /// The latest timestamp of all rows, so that time does not go back when a file is opened again.
    pub(crate) fn latest(&self) -> Result<Timestamp> {
        let sql = "SELECT max(
            0,
            coalesce((SELECT max(modified_at) FROM rooms), 0),
            coalesce((SELECT max(modified_at) FROM messages), 0),
            coalesce((SELECT max(max(joined_at, coalesce(left_at, 0), coalesce(last_read_at, 0)))
                FROM participants), 0),
            coalesce((SELECT max(read_at) FROM receipts), 0))";
        self.connection.query_row(sql, [], |row| row.get(0))
    }

    /// Replaces the contents of another database with those of this one.
    ///
    /// # Errors
    ///
    /// The error of SQLite.
    pub fn copy_to(&self, other: &mut Self) -> Result<()> {
        let backup = Backup::new(&self.connection, &mut other.connection)?;
        backup.step(ALL_PAGES).map(drop)
    }

    /// Executes one statement and returns the number of changed rows.
    pub fn execute(&self, sql: &str, parameters: impl Params) -> Result<usize> {
        self.connection.prepare_cached(sql)?.execute(parameters)
    }

    /// The first row of a query.
    fn one<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(parameters)?;
        rows.next()?.map(read).transpose()
    }

    /// All rows of a query.
    ///
    /// # Errors
    ///
    /// The error of SQLite.
    pub fn query<T, C: FromIterator<T>>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<C> {
        self.connection.prepare_cached(sql)?.query_map(parameters, read)?.collect()
    }

    /// The number that a query selects.
    fn count(&self, sql: &str, parameters: impl Params) -> Result<i64> {
        self.connection.prepare_cached(sql)?.query_row(parameters, |row| row.get(0))
    }
}
