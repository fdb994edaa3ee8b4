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
    fn take(&self, body: Option<&str>) -> bool {
        let Some(is_reserved) = is_reserved(body) else { return true };
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

    /// Gives back what was taken for a login with this body: the target throttled it, or it was not sent.
    pub(crate) fn give_back(&self, body: Option<&str>) {
        let Some(is_reserved) = is_reserved(body) else { return };
        let mut own = self.own.lock();
        let Some(time) = own.times.pop() else { return };
        own.reserved = own.reserved.saturating_sub(usize::from(is_reserved));
        let mut stored = read(&self.path);
        let times = stored.entry(self.key.clone()).or_default();
        if let Some(index) = times.iter().rposition(|stored| *stored == time.as_second()) {
            times.remove(index);
            self.save(&stored);
        }
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
        self.save(&stored);
    }

    fn save(&self, stored: &Stored) {
        if let Err(error) = write(&self.path, stored) {
            tracing::warn!(path = %self.path.display(), %error, "failed logins are not saved");
        }
    }
}

/// The failed login that a request may be, while it is sent and repeated.
pub(crate) struct Reservation<'a> {
    budget: Option<&'a FailedLogins>,
    body: Option<&'a str>,
    /// True if one was taken from the budget, and the target has not tried it.
    is_open: bool,
}

impl<'a> Reservation<'a> {
    /// The failed login of a body; without a budget, nothing is taken.
    pub(crate) fn new(budget: Option<&'a FailedLogins>, body: Option<&'a str>) -> Self {
        Self { budget, body, is_open: false }
    }

    /// Takes one failed login from the budget, unless one is open; `false` if the budget is used up.
    pub(crate) fn take(&mut self) -> bool {
        let Some(budget) = self.budget else { return true };
        self.is_open = self.is_open || budget.take(self.body);
        self.is_open
    }

    /// Records that the target may have tried the login.
    pub(crate) fn spend(&mut self) {
        self.is_open = false;
    }

    /// Gives back what the target has not tried.
    pub(crate) fn give_back(self) {
        if let Some(budget) = self.budget.filter(|_| self.is_open) {
            budget.give_back(self.body);
        }
    }
}

/// Returns whether a login with this body is one of [`RESERVED`]; `None` if the body has no user name and password.
fn is_reserved(body: Option<&str>) -> Option<bool> {
    let body: Value = serde_json::from_str(body?).ok()?;
    let text = |name| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    text("username").zip(text("password")).map(|(_, password)| password == WRONG_PASSWORD)
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

/// Returns whether a refusal of a login says that the account or the address is locked, as opposed to a throttle,
/// which is waited for.
pub(crate) fn is_lockout(status: u16, has_retry_after: bool, body: &[u8]) -> bool {
    const LOCKS: [&str; 3] = ["locked", "lockout", "axes"];
    const LIMITS: [&str; 2] = ["too many", "login attempts"];
    let head = String::from_utf8_lossy(&body[..body.len().min(4096)]).to_lowercase();
    let mentions = |words: &[&str]| words.iter().any(|word| head.contains(word));
    match status {
        423 => true,
        403 | 429 => mentions(&LOCKS),
        401 => has_retry_after || mentions(&LOCKS) || mentions(&LIMITS),
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
    fn what_the_target_has_not_tried_is_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let budget = budget(folder.path(), "https://a", 2);
        let (wrong, partial) = (body(WRONG_PASSWORD), r#"{"username": "alice"}"#);
        let mut login = Reservation::new(Some(&budget), Some(&wrong));
        assert!(login.take() && login.take(), "a repeated attempt is the same login");
        assert_eq!(budget.recent(), 1);
        login.give_back();
        assert_eq!(budget.recent(), 0);
        let mut login = Reservation::new(Some(&budget), Some(&wrong));
        assert!(login.take());
        login.spend();
        assert!(login.take(), "another login");
        login.spend();
        assert!(!login.take());
        login.give_back();
        budget.give_back(Some(partial));
        assert_eq!(budget.recent(), 2);
        let again = FailedLogins::new(budget.path.clone(), "https://a".into(), 2, "erin".into());
        assert_eq!(again.recent(), 2);
        again.give_back(Some(&wrong));
        assert_eq!(again.recent(), 2, "another process took them");
    }

    #[test]
    fn lockouts_differ_from_wrong_passwords_and_throttles() {
        assert!(is_lockout(403, false, b"Account locked: too many login attempts."));
        assert!(is_lockout(429, false, b"Account locked") && is_lockout(423, false, b""));
        assert!(is_lockout(401, true, b"") && is_lockout(401, false, b"Too many attempts"));
        assert!(!is_lockout(401, false, b"No active account found with the given credentials"));
        assert!(!is_lockout(400, false, b"locked"));
        assert!(!is_lockout(429, true, b"Request was throttled."));
        assert!(!is_lockout(403, false, b"Too many login attempts, try again in 20 seconds"));
    }
}
