//! The budget of failed logins, across runs: backends lock accounts and addresses after a few.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hearback_history::ActorName;
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use serde_json::Value;

/// A password of no account, with which scenarios fail to log in.
pub(crate) const WRONG_PASSWORD: &str = "hearback-wrong-password";

/// The period to which the budget applies.
const PERIOD: SignedDuration = SignedDuration::from_hours(1);

/// The period in which failed logins are kept, since a lockout may last that long.
const MEMORY: SignedDuration = SignedDuration::from_hours(24);

/// Failed logins that are reserved for the scenarios that test them: a wrong password and an unknown user.
const RESERVED: usize = 2;

/// Failed logins at one target from one address.
#[derive(Debug)]
pub struct FailedLogins {
    /// File with the failed logins at all targets.
    path: PathBuf,
    /// Target and address.
    key: String,
    per_hour: usize,
    /// Account that tries a wrong password.
    account: ActorName,
    /// Failed logins that this process made.
    own: Mutex<Own>,
}

#[derive(Debug, Default)]
struct Own {
    times: Vec<Timestamp>,
    /// Number of those that were reserved.
    reserved: usize,
}

/// The failed logins in the file: seconds since 1970, by target and address.
type Stored = BTreeMap<String, Vec<i64>>;

impl FailedLogins {
    /// The budget of `per_hour` failed logins at a target from an address, kept in a file.
    pub fn new(path: PathBuf, key: String, per_hour: usize, account: ActorName) -> Self {
        Self { path, key, per_hour, account, own: Mutex::default() }
    }

    /// The account that tries a wrong password.
    pub(crate) fn account(&self) -> &ActorName {
        &self.account
    }

    /// Takes one failed login from the budget for a login with this body; `false` if the budget is used up.
    ///
    /// Bodies without a user name and a password do not count, since no backend tries them.
    pub(crate) fn take(&self, body: Option<&str>) -> bool {
        let body = body.and_then(|text| serde_json::from_str::<Value>(text).ok());
        let text = |name| {
            let text = body.as_ref().and_then(|body| body.get(name)).and_then(Value::as_str);
            text.filter(|text| !text.is_empty())
        };
        let (Some(_), Some(password)) = (text("username"), text("password")) else { return true };
        let is_reserved = password == WRONG_PASSWORD;
        let now = Timestamp::now();
        let mut own = self.own.lock();
        let used = self.since(&own, now, PERIOD);
        let kept = if is_reserved { 0 } else { RESERVED.saturating_sub(own.reserved) };
        if used + kept >= self.per_hour {
            return false;
        }
        own.reserved += usize::from(is_reserved);
        self.add(&mut own, now);
        true
    }

    /// Remembers a login of an account that was refused.
    pub(crate) fn note(&self) {
        self.add(&mut self.own.lock(), Timestamp::now());
    }

    /// Number of failed logins within a day, which may be the reason for a lockout.
    pub(crate) fn recent(&self) -> usize {
        self.since(&self.own.lock(), Timestamp::now(), MEMORY)
    }

    /// Those of this process count even if the file cannot be written.
    fn since(&self, own: &Own, now: Timestamp, period: SignedDuration) -> usize {
        let begin = now.as_second() - period.as_secs();
        let stored = read(&self.path).remove(&self.key).unwrap_or_default();
        let stored = stored.iter().filter(|time| **time > begin).count();
        stored.max(own.times.iter().filter(|time| time.as_second() > begin).count())
    }

    fn add(&self, own: &mut Own, now: Timestamp) {
        own.times.push(now);
        let mut stored = read(&self.path);
        stored.entry(self.key.clone()).or_default().push(now.as_second());
        let begin = now.as_second() - MEMORY.as_secs();
        for times in stored.values_mut() {
            times.retain(|time| *time > begin);
        }
        stored.retain(|_, times| !times.is_empty());
        if let Err(error) = write(&self.path, &stored) {
            tracing::warn!(path = %self.path.display(), %error, "failed logins are not saved");
        }
    }
}

/// The stored failed logins; none if the file does not exist or is not valid.
fn read(path: &Path) -> Stored {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// Replaces the file at once, so that a reader never finds a part of it.
fn write(path: &Path, stored: &Stored) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    std::fs::write(&temporary, serde_json::to_string(stored)?)?;
    std::fs::rename(&temporary, path)
}

/// Returns whether a refusal of a login says that the account or the address is locked.
pub(crate) fn is_lockout(status: u16, retry_after: bool, body: &[u8]) -> bool {
    const WORDS: [&str; 5] = ["locked", "lockout", "too many", "axes", "login attempts"];
    let head = String::from_utf8_lossy(&body[..body.len().min(4096)]).to_lowercase();
    match status {
        423 | 429 => true,
        401 | 403 => retry_after || WORDS.iter().any(|word| head.contains(word)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn budget(folder: &Path, key: &str, per_hour: usize) -> FailedLogins {
        let path = folder.join("runs/failed-logins.json");
        FailedLogins::new(path, key.to_owned(), per_hour, "erin".into())
    }

    fn body(password: &str) -> String {
        json!({"username": "alice", "password": password}).to_string()
    }

    #[test]
    fn the_budget_holds_across_runs_and_per_target() {
        let folder = tempfile::tempdir().unwrap();
        let first = budget(folder.path(), "https://a", 2);
        assert!(first.take(Some(&body(WRONG_PASSWORD))) && first.take(Some(&body(WRONG_PASSWORD))));
        assert!(!first.take(Some(&body(WRONG_PASSWORD))));
        let second = budget(folder.path(), "https://a", 2);
        assert!(!second.take(Some(&body(WRONG_PASSWORD))), "an hour has not passed");
        assert_eq!(second.recent(), 2);
        assert!(budget(folder.path(), "https://b", 2).take(Some(&body(WRONG_PASSWORD))));
        assert!(!budget(folder.path(), "https://c", 0).take(Some(&body(WRONG_PASSWORD))));
    }

    #[test]
    fn generated_logins_leave_the_reserved_part() {
        let folder = tempfile::tempdir().unwrap();
        let budget = budget(folder.path(), "https://a", 3);
        assert!(budget.take(Some(&body("generated"))));
        assert!(!budget.take(Some(&body("generated"))));
        assert!(budget.take(Some(r#"{"username": "alice"}"#)), "not a login");
        assert!(
            budget.take(Some(&body(WRONG_PASSWORD))) && budget.take(Some(&body(WRONG_PASSWORD)))
        );
        assert!(!budget.take(Some(&body(WRONG_PASSWORD))));
    }

    #[test]
    fn an_invalid_or_unwritable_file_does_not_stop_the_run() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("runs")).unwrap();
        std::fs::write(folder.path().join("runs/failed-logins.json"), "[").unwrap();
        assert!(budget(folder.path(), "https://a", 1).take(Some(&body(WRONG_PASSWORD))));
        let path = PathBuf::from("/dev/null/failed-logins.json");
        let budget = FailedLogins::new(path, "https://a".to_owned(), 1, "erin".into());
        assert!(budget.take(Some(&body(WRONG_PASSWORD))));
        assert!(!budget.take(Some(&body(WRONG_PASSWORD))));
    }

    #[test]
    fn lockouts_differ_from_wrong_passwords() {
        assert!(is_lockout(403, false, b"Account locked: too many login attempts."));
        assert!(is_lockout(423, false, b"") && is_lockout(429, false, b""));
        assert!(is_lockout(401, true, b""));
        assert!(!is_lockout(401, false, b"No active account found with the given credentials"));
        assert!(!is_lockout(400, false, b"locked"));
    }
}
