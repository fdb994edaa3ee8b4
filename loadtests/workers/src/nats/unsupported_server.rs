//! Windows, on which a server must be running already.

use std::convert::Infallible;
use std::path::PathBuf;

use super::NatsOptions;
use crate::error::WorkersError;

/// A server that is never started.
pub(crate) struct LocalServer {
    never: Infallible,
}

impl LocalServer {
    /// # Errors
    /// Always.
    pub(crate) async fn start(_folder: PathBuf, _token: &str) -> Result<Self, WorkersError> {
        Err(WorkersError::UnsupportedServer)
    }

    /// The options of a connection to it.
    pub(crate) fn options(&self) -> NatsOptions {
        match self.never {}
    }
}
