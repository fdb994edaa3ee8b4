//! PEM files of the settings.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretSlice};

/// A file with certificates or a key (PEM), of this machine or of another one.
#[derive(Clone, Debug)]
pub struct PemFile {
    path: PathBuf,
    /// Its content, if it was read before.
    content: Option<SecretSlice<u8>>,
}

impl PemFile {
    /// A file of another machine, with its content.
    pub fn with_content(path: PathBuf, content: Vec<u8>) -> Self {
        Self { path, content: Some(content.into()) }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its content, which may be a key.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn read(&self) -> io::Result<Cow<'_, [u8]>> {
        match &self.content {
            Some(content) => Ok(content.expose_secret().into()),
            None => Ok(std::fs::read(&self.path)?.into()),
        }
    }
}

impl From<PathBuf> for PemFile {
    /// A file of this machine.
    fn from(path: PathBuf) -> Self {
        Self { path, content: None }
    }
}
