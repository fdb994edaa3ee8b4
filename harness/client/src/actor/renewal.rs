//! Access tokens that stop working: renewal before they expire, and after they were rejected.

use std::time::Duration;

use hearback_contract::Operation;
use hearback_history::{Attempt, CredentialKind, Excuse, ScenarioName};
use secrecy::SecretString;
use tokio::time::Instant;

use super::Actor;
use super::refusals::Refusals;
use crate::rest::{Request, Response};

/// Time after which a renewal that failed is tried again.
const NEXT_RENEWAL: Duration = Duration::from_secs(5);

/// Maximum number of renewals for one request or handshake: with one session per user, another login may end the
/// new session as well.
const MAX_RENEWALS: u32 = 3;

/// Maximum number of times that the target is asked whether a token still works.
const MAX_INQUIRIES: u32 = 3;

/// A rejected token.
pub(super) struct Rejected<'a> {
    /// The request or handshake that was rejected.
    pub(super) attempt: Attempt,
    /// Kind of the token.
    pub(super) kind: CredentialKind,
    /// The token.
    pub(super) token: Option<&'a SecretString>,
}

impl<'a> Rejected<'a> {
    /// The token that a response rejected with 401, if it did.
    pub(super) fn by(
        response: &Response,
        kind: CredentialKind,
        token: Option<&'a SecretString>,
    ) -> Option<Self> {
        let call = response.call.filter(|_| response.status == Some(401))?;
        Some(Self { attempt: Attempt::Call(call), kind, token })
    }
}

impl Actor {
    /// Replaces a rejected token that has stopped working; `true` if the request or handshake is to be repeated, which it
    /// is a few times.
    pub(super) async fn is_renewed(
        &self,
        scenario: &ScenarioName,
        rejected: Rejected<'_>,
        renewals: &mut u32,
    ) -> bool {
        let is_renewed = self.renew(scenario, rejected).await && *renewals < MAX_RENEWALS;
        *renewals += u32::from(is_renewed);
        is_renewed
    }

    /// Replaces the access token if it expires soon; requests that are sent meanwhile use the old one.
    pub(crate) async fn keep_fresh(&self, scenario: &ScenarioName) {
        if !self.inner.session.lock().expires_soon(Instant::now()) {
            return;
        }
        if let Ok(mut login) = self.inner.login.try_lock() {
            let is_replaced = self.replace_tokens(scenario, &mut login).await;
            let next = (!is_replaced).then(|| Instant::now() + NEXT_RENEWAL);
            self.inner.session.lock().next_renewal = next;
        }
    }

    /// Excuses the rejection of a token that does not work any more, and replaces the token; `true` if the request
    /// may be repeated.
    ///
    /// A token has stopped working if it expired, or if the target rejects it for the list of rooms as well, and
    /// either accepted it before or may have issued another one since. If the target does not answer the list, or a newer
    /// token has replaced this one, the rejection is not judged. Concurrent calls replace the token once.
    async fn renew(&self, scenario: &ScenarioName, rejected: Rejected<'_>) -> bool {
        let (Some(token), CredentialKind::Access | CredentialKind::Refreshed) =
            (rejected.token, rejected.kind)
        else {
            return false;
        };
        let mut login = self.inner.login.lock().await;
        let stale_after = self.client().limits().stale_after;
        let (is_current, is_expired, may_have_ended) = {
            let session = self.inner.session.lock();
            let now = Instant::now();
            (
                session.is_current(rejected.kind, token),
                session.issues.is_expired(token, now, stale_after),
                session.issues.may_have_ended(token),
            )
        };
        let reason = if is_expired {
            Excuse::TokenExpired
        } else if !may_have_ended {
            return false;
        } else {
            match self.is_dead(scenario, token).await {
                Some(true) => Excuse::SessionEnded,
                Some(false) if is_current => return false,
                // A later login may have ended the session, and a list that lags does not know it yet.
                Some(false) | None => Excuse::TokenUnverified,
            }
        };
        self.client().excuse(rejected.attempt, reason);
        if !is_current {
            return true;
        }
        self.replace_tokens(scenario, &mut login).await && {
            let mut session = self.inner.session.lock();
            // The new token comes from a refresh, or is as good as one.
            session.refreshed = session.access.clone();
            true
        }
    }

    /// Returns whether the target rejects a token for the list of rooms, which every user may see; `None` if the
    /// target does not say.
    async fn is_dead(&self, scenario: &ScenarioName, token: &SecretString) -> Option<bool> {
        let list = Request::new(Operation::RoomsList);
        let mut refusals = Refusals::default();
        for _ in 0..MAX_INQUIRIES {
            let response = self.call_with(scenario, list.clone(), Some(token.clone())).await;
            if self.is_throttled(scenario, &list, &response, &mut refusals).await {
                continue;
            }
            match (response.status, response.call) {
                (Some(401), Some(call)) => {
                    self.client().excuse(Attempt::Call(call), Excuse::SessionEnded);
                    return Some(true);
                }
                (None | Some(429 | 500..), _) => {}
                _ => return Some(false),
            }
        }
        None
    }

    /// Obtains new tokens with the refresh token, or with the password; `false` if neither works.
    async fn replace_tokens(
        &self,
        scenario: &ScenarioName,
        login: &mut Option<Result<(), super::LoginError>>,
    ) -> bool {
        if self.refresh_locked(scenario).await.is_ok() {
            self.inner.session.lock().use_refreshed();
            return true;
        }
        let Ok(request) = self.token_request(Operation::TokenObtain, CredentialKind::Access) else {
            return false;
        };
        let result = self.obtain_locked(scenario, request).await;
        if result.is_ok() {
            *login = Some(Ok(()));
        }
        result.is_ok()
    }
}
