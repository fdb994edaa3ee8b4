//! Tokens of earlier runs in a file, so that a run need not log in.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hearback_history::ActorName;
use parking_lot::Mutex;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

/// Minimum time between two writes of the file; the last tokens are written at the end.
const WRITE_INTERVAL: Duration = Duration::from_secs(1);

/// Error of a token cache.
#[derive(Debug, thiserror::Error)]
pub enum TokenCacheError {
    /// Others may read the file.
    #[error("the token cache {} can be read by others (mode {mode:03o})", .path.display())]
    Readable {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The file or the symbolic link belongs to another user.
    #[error("the token cache {} belongs to another user", .0.display())]
    Foreign(PathBuf),
    /// The file is not a regular file.
    #[error("the token cache {} is not a file", .0.display())]
    NotAFile(PathBuf),
    /// The file has other content.
    #[error("{} is not a token cache", .0.display())]
    Invalid(PathBuf),
    /// The file cannot be read or written.
    #[error("cannot use the token cache {}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
}

/// Tokens of one account.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Tokens {
    access: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh: Option<String>,
}

/// Tokens by origin of the target and name of the account.
type Stored = BTreeMap<String, BTreeMap<String, Tokens>>;

/// Tokens of the accounts at one target, in a file that only its owner can read.
pub struct TokenCache {
    path: PathBuf,
    origin: String,
    state: Mutex<State>,
}

struct State {
    tokens: BTreeMap<String, Tokens>,
    written: Option<Instant>,
    is_changed: bool,
}

impl std::fmt::Debug for TokenCache {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "TokenCache({})", self.path.display())
    }
}

impl TokenCache {
    /// The tokens for a target in a file, which need not exist.
    ///
    /// # Errors
    /// If others may read or replace the file, or it has other content.
    pub fn open(path: PathBuf, origin: String) -> Result<Self, TokenCacheError> {
        let tokens = read(&path)?.remove(&origin).unwrap_or_default();
        let state = State { tokens, written: None, is_changed: false };
        Ok(Self { path, origin, state: Mutex::new(state) })
    }

    /// The access token and the refresh token of an account.
    pub(crate) fn get(&self, account: &ActorName) -> Option<(SecretString, Option<SecretString>)> {
        let tokens = self.state.lock().tokens.get(account.as_str())?.clone();
        Some((tokens.access.into(), tokens.refresh.map(Into::into)))
    }

    /// Keeps the tokens of an account.
    pub(crate) fn put(
        &self,
        account: &ActorName,
        access: &SecretString,
        refresh: Option<&SecretString>,
    ) {
        let tokens = Tokens {
            access: access.expose_secret().to_owned(),
            refresh: refresh.map(|token| token.expose_secret().to_owned()),
        };
        let mut state = self.state.lock();
        state.tokens.insert(account.to_string(), tokens);
        state.is_changed = true;
        if state.written.is_none_or(|written| written.elapsed() >= WRITE_INTERVAL) {
            self.write(&mut state);
        }
    }

    /// Forgets the tokens of an account, which the target rejects.
    pub(crate) fn forget(&self, account: &ActorName) {
        let mut state = self.state.lock();
        state.is_changed |= state.tokens.remove(account.as_str()).is_some();
    }

    fn write(&self, state: &mut State) {
        if !state.is_changed {
            return;
        }
        // Another run may have written tokens for another target.
        let written = read(&self.path).and_then(|mut stored| {
            stored.insert(self.origin.clone(), state.tokens.clone());
            write(&self.path, &stored)
                .map_err(|source| TokenCacheError::Io { path: self.path.clone(), source })
        });
        state.is_changed = false;
        state.written = Some(Instant::now());
        if let Err(error) = written {
            tracing::warn!(%error, "tokens are not kept");
        }
    }
}

impl Drop for TokenCache {
    fn drop(&mut self) {
        self.write(&mut self.state.lock());
    }
}

fn read(path: &Path) -> Result<Stored, TokenCacheError> {
    if !is_private(path)? {
        return Ok(Stored::new());
    }
    let text = std::fs::read_to_string(path)
        .map_err(|source| TokenCacheError::Io { path: path.to_owned(), source })?;
    if text.trim().is_empty() {
        return Ok(Stored::new());
    }
    // An error of the parser would quote a token.
    serde_json::from_str(&text).map_err(|_| TokenCacheError::Invalid(path.to_owned()))
}

/// Checks that only this user can read and replace a file; `false` if it does not exist.
fn is_private(path: &Path) -> Result<bool, TokenCacheError> {
    let link = match std::fs::symlink_metadata(path) {
        Ok(link) => link,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(source) => return Err(TokenCacheError::Io { path: path.to_owned(), source }),
    };
    let file = std::fs::metadata(path)
        .map_err(|source| TokenCacheError::Io { path: path.to_owned(), source })?;
    if !file.is_file() {
        return Err(TokenCacheError::NotAFile(path.to_owned()));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let user = rustix::process::geteuid().as_raw();
        if link.uid() != user || file.uid() != user {
            return Err(TokenCacheError::Foreign(path.to_owned()));
        }
        let mode = file.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(TokenCacheError::Readable { path: path.to_owned(), mode });
        }
    }
    #[cfg(not(unix))]
    let _has_no_mode = link;
    Ok(true)
}

/// Replaces the file at once, so that no reader finds a part of it; the target of a link is replaced, not the link.
fn write(path: &Path, stored: &Stored) -> io::Result<()> {
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    let mut options = std::fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(&temporary)
        .and_then(|mut file| file.write_all(serde_json::to_string(stored)?.as_bytes()))
        .and_then(|()| std::fs::rename(&temporary, &path));
    if written.is_err() {
        std::fs::remove_file(&temporary).ok();
    }
    written
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn open(path: &Path) -> Result<TokenCache, TokenCacheError> {
        TokenCache::open(path.to_owned(), "http://host".to_owned())
    }

    #[test]
    fn tokens_are_kept_by_target_and_account_in_a_private_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.json");
        let cache = open(&path).unwrap();
        for number in 0..3 {
            let access = SecretString::from(format!("access {number}"));
            cache.put(&"alice".into(), &access, Some(&"refresh".into()));
        }
        cache.put(&"bob".into(), &"access".into(), None);
        cache.forget(&"bob".into());
        drop(cache);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let cache = open(&path).unwrap();
        let (access, refresh) = cache.get(&"alice".into()).unwrap();
        assert_eq!(access.expose_secret(), "access 2");
        assert_eq!(refresh.unwrap().expose_secret(), "refresh");
        assert!(cache.get(&"bob".into()).is_none());
        let other = TokenCache::open(path, "http://other".to_owned()).unwrap();
        assert!(other.get(&"alice".into()).is_none());
        other.put(&"alice".into(), &"other".into(), None);
        drop(other);
        assert!(open(&folder.path().join("tokens.json")).unwrap().get(&"alice".into()).is_some());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn files_that_others_can_read_are_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.json");
        std::fs::write(&path, "{}").unwrap();
        for (mode, is_private) in [(0o644, false), (0o640, false), (0o620, false), (0o600, true)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(open(&path).is_ok(), is_private, "{mode:o}");
        }
        std::fs::write(&path, "secret").unwrap();
        assert!(!open(&path).unwrap_err().to_string().contains("secret"));
        assert!(matches!(open(folder.path()), Err(TokenCacheError::NotAFile(_))));
    }
}
