//! Access tokens that the target has issued to an actor.

use std::collections::VecDeque;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use super::jwt_forgery;

/// Number of tokens of an actor that are remembered.
const REMEMBERED: usize = 16;

/// Difference between a lifetime in whole seconds and the true one.
const ROUNDING: Duration = Duration::from_secs(1);

/// An access token that the target has issued.
#[derive(Clone, Debug)]
pub(crate) struct Issue {
    token: SecretString,
    /// Time at which the token was obtained; `None` if it came with the account and is opaque.
    since: Option<Instant>,
    /// Time from which on the target may have issued it: the beginning of the request for it.
    requested: Option<Instant>,
    lifetime: Option<Duration>,
    /// True once the target has accepted it.
    accepted: bool,
    /// Number of requests for tokens that were begun before it was known.
    requests_before: u64,
    /// True if another request for a token was pending at the same time.
    contested: bool,
}

/// The last access tokens of an actor, oldest first, and the requests for tokens.
#[derive(Clone, Debug, Default)]
pub(crate) struct Issues {
    issued: VecDeque<Issue>,
    begun: u64,
    pending: u64,
    /// Beginning of the last request for a token, or of the first one of several that were pending at the same time.
    requested: Option<Instant>,
    /// True if two requests were pending at the same time, until the next one begins alone.
    contested: bool,
}

impl Issues {
    /// Records that a request begins which may make the target issue a token.
    pub(crate) fn begin_request(&mut self) {
        self.contested = self.pending > 0;
        if !self.contested {
            self.requested = Some(Instant::now());
        }
        self.begun += 1;
        self.pending += 1;
    }

    /// Records that such a request has ended.
    pub(crate) fn end_request(&mut self) {
        self.pending -= 1;
    }

    /// Adds a token that was just obtained.
    pub(crate) fn add(&mut self, token: &SecretString) {
        let lifetime = jwt_forgery::lifetime(token.expose_secret(), true);
        self.push(token, Some(Instant::now()), lifetime);
    }

    /// Adds a token that came with the account.
    pub(crate) fn add_given(&mut self, token: &SecretString) {
        let lifetime = jwt_forgery::lifetime(token.expose_secret(), false);
        self.push(token, lifetime.map(|_| Instant::now()), lifetime);
    }

    fn push(&mut self, token: &SecretString, since: Option<Instant>, lifetime: Option<Duration>) {
        self.issued.push_back(Issue {
            token: token.clone(),
            since,
            requested: self.requested.min(since).or(since),
            lifetime,
            accepted: false,
            requests_before: self.begun,
            contested: self.contested || self.pending > 0,
        });
        if self.issued.len() > REMEMBERED {
            self.issued.pop_front();
        }
    }

    /// Records that the target has accepted a token.
    pub(crate) fn accept(&mut self, token: &SecretString) {
        let is_same = |issue: &&mut Issue| same(&issue.token, token);
        if let Some(issue) = self.issued.iter_mut().rev().find(is_same) {
            issue.accepted = true;
        }
    }

    /// The time since a token was obtained.
    pub(crate) fn age(&self, token: &SecretString, now: Instant) -> Option<Duration> {
        Some(now.saturating_duration_since(self.get(token)?.since?))
    }

    /// The shortest time until a token expires, if it states one.
    pub(crate) fn remaining(&self, token: &SecretString, now: Instant) -> Option<Duration> {
        let issue = self.get(token)?;
        Some(issue.lifetime?.saturating_sub(now.saturating_duration_since(issue.requested?)))
    }

    /// Returns whether half of the lifetime of a token is over.
    pub(crate) fn expires_soon(&self, token: &SecretString, now: Instant) -> bool {
        let Some(Issue { since: Some(since), lifetime: Some(lifetime), .. }) = self.get(token)
        else {
            return false;
        };
        now.saturating_duration_since(*since) >= *lifetime / 2
    }

    /// Returns whether a token has expired; without a stated lifetime, whether it is older than `stale_after`.
    pub(crate) fn is_expired(
        &self,
        token: &SecretString,
        now: Instant,
        stale_after: Duration,
    ) -> bool {
        let Some(issue) = self.get(token) else { return false };
        let age = issue.since.map(|since| now.saturating_duration_since(since));
        match (age, issue.lifetime) {
            (Some(age), Some(lifetime)) => age + ROUNDING >= lifetime,
            (Some(age), None) => age > stale_after,
            (None, _) => true,
        }
    }

    /// Returns whether a token may have become invalid before it expired: the target has accepted it before, or
    /// may have issued another one since.
    pub(crate) fn may_have_ended(&self, token: &SecretString) -> bool {
        let may_have =
            |issue: &Issue| issue.accepted || issue.contested || self.begun > issue.requests_before;
        self.get(token).is_some_and(may_have)
            || self.issued.back().is_some_and(|last| !same(&last.token, token))
    }

    fn get(&self, token: &SecretString) -> Option<&Issue> {
        self.issued.iter().rev().find(|issue| same(&issue.token, token))
    }
}

/// Returns whether two tokens are equal.
pub(crate) fn same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::auth::jwt_forgery::tests::signed;

    const STALE_AFTER: Duration = Duration::from_secs(30);

    fn token(name: &str, lifetime: i64) -> SecretString {
        let now = Timestamp::now().as_second();
        signed(json!({"jti": name, "iat": now, "exp": now + lifetime}), "key").into()
    }

    #[tokio::test(start_paused = true)]
    async fn tokens_expire_after_their_lifetime() {
        let mut issues = Issues::default();
        let (short, opaque) = (token("short", 10), SecretString::from("opaque"));
        issues.add(&short);
        issues.add(&opaque);
        let after = |seconds| {
            let now = Instant::now() + Duration::from_secs(seconds);
            let expired = |token| issues.is_expired(token, now, STALE_AFTER);
            (issues.expires_soon(&short, now), expired(&short), expired(&opaque))
        };
        assert_eq!(after(4), (false, false, false));
        assert_eq!(after(5), (true, false, false));
        assert_eq!(after(9), (true, true, false));
        assert_eq!(after(31), (true, true, true));
    }

    #[tokio::test(start_paused = true)]
    async fn tokens_may_have_been_issued_when_they_were_requested() {
        let mut issues = Issues::default();
        let (given, obtained) = (token("given", 10), token("obtained", 10));
        issues.add_given(&given);
        issues.begin_request();
        tokio::time::advance(Duration::from_secs(3)).await;
        issues.end_request();
        issues.add(&obtained);
        let remaining = |token| issues.remaining(token, Instant::now()).map(|it| it.as_secs());
        assert_eq!([remaining(&given), remaining(&obtained)], [Some(7), Some(7)]);
        assert_eq!(issues.age(&obtained, Instant::now()), Some(Duration::ZERO));
    }

    #[test]
    fn tokens_may_end_once_accepted_or_superseded() {
        let mut issues = Issues::default();
        let (first, second) = (token("first", 60), token("second", 60));
        issues.add(&first);
        assert!(!issues.may_have_ended(&first));
        issues.accept(&first);
        assert!(issues.may_have_ended(&first));
        issues.add(&second);
        assert!(!issues.may_have_ended(&second));
        assert!(issues.may_have_ended(&first));
    }
    #[test]
    fn tokens_may_end_while_others_are_requested() {
        let mut issues = Issues::default();
        let (first, second) = (token("first", 60), token("second", 60));
        issues.begin_request();
        issues.end_request();
        issues.add(&first);
        assert!(!issues.may_have_ended(&first));
        issues.begin_request();
        assert!(issues.may_have_ended(&first));
        issues.begin_request();
        issues.end_request();
        issues.end_request();
        issues.add(&second);
        assert!(issues.may_have_ended(&second));
    }
}
