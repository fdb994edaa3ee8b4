//! What the server keeps, in SQLite. Rows in and rows out; the rules are in [`crate::chat`].

pub(crate) mod attachments;
pub(crate) mod messages;
pub(crate) mod participants;
mod receipts;
pub(crate) mod rooms;
pub(crate) mod users;

use std::path::Path;

use rusqlite::{Connection, Params, Result, Row, Transaction};

use crate::clock::Timestamp;

/// More than the statements of this crate, so that each is compiled once.
const STATEMENTS: usize = 128;

/// One database.
pub(crate) struct Store {
    connection: Connection,
}

/// A part of a list: so many rows after so many others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    /// Rows to skip.
    pub(crate) offset: i64,
    /// Rows to take at most.
    pub(crate) limit: i64,
}

/// All rows; no limit is -1 to SQLite.
pub(crate) const EVERYTHING: Window = Window { offset: 0, limit: -1 };

impl Store {
    /// Opens the file, or memory, and creates what is missing.
    pub(crate) fn open(file: Option<&Path>) -> Result<Self> {
        let connection = match file {
            Some(file) => Connection::open(file)?,
            None => Connection::open_in_memory()?,
        };
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.execute_batch(include_str!("schema.sql"))?;
        Ok(Self { connection })
    }

    /// Begins a transaction; what is not committed is rolled back.
    pub(crate) fn begin(&self) -> Result<Transaction<'_>> {
        self.connection.unchecked_transaction()
    }

    /// The latest moment that any row holds: time must not go back when a file is opened again.
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

    /// Executes one statement; answers how many rows it changed.
    pub(crate) fn run(&self, sql: &str, parameters: impl Params) -> Result<usize> {
        self.connection.prepare_cached(sql)?.execute(parameters)
    }

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

    fn many<T, C: FromIterator<T>>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<C> {
        self.connection.prepare_cached(sql)?.query_map(parameters, read)?.collect()
    }

    fn count(&self, sql: &str, parameters: impl Params) -> Result<i64> {
        self.connection.prepare_cached(sql)?.query_row(parameters, |row| row.get(0))
    }
}
