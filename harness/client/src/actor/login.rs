//! Logging in, and refreshing tokens. Section *Authentication*.

use std::time::Duration;

use hearback_contract::Operation;
use hearback_history::{CredentialKind, ScenarioName};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use super::Actor;
use super::login_error::{LoginError, after_failures};
use crate::auth::Statement;
use crate::auth::session::Session;
use crate::limits::failed_logins::is_lockout;
use crate::rest::Response;

/// Maximum length of a response body in an error, in characters.
const LONGEST_BODY: usize = 200;

/// Maximum number of login attempts while the target does not respond or responds with a server error.
const ATTEMPTS: u32 = 3;

/// Pause before another attempt.
const PAUSE: Duration = Duration::from_millis(300);

impl Actor {
    /// Obtains tokens once; later calls, also on clones, return the same result. Section *Getting JWT Tokens*.
    ///
    /// Does nothing if the account came with tokens. A refusal is final. A request without response, or with the
    /// response of a failing server, is repeated; after the last attempt, the next call tries again.
    ///
    /// # Errors
    /// If there is no response, or no token in it.
    pub async fn log_in(&self, scenario: &ScenarioName) -> Result<(), LoginError> {
        let obtain = || self.token_request(Operation::TokenObtain, CredentialKind::Access);
        let Ok(mut request) = obtain() else { return Ok(()) };
        let mut login = self.inner.login.lock().await;
        if let Some(result) = &*login {
            return result.clone();
        }
        let mut attempts = 1;
        let result = loop {
            let response = self.call_once(scenario, request).await;
            let result = self.accept(&response, |session, access, refresh| {
                session.access = Some(access);
                session.refresh = refresh;
                session.since = Some(Instant::now());
            });
            let stated = response.json.as_ref().filter(|_| result.is_ok());
            self.inner.user.lock().stated = stated.and_then(Statement::of_token_response);
            match (result, obtain()) {
                (Err(error), Ok(again)) if error.is_transient() && attempts < ATTEMPTS => {
                    tracing::debug!(actor = %self.name(), %error, "logging in again");
                    tokio::time::sleep(PAUSE * attempts).await;
                    (request, attempts) = (again, attempts + 1);
                }
                (Err(error), _) => break Err(error.after(attempts)),
                (Ok(()), _) => break Ok(()),
            }
        };
        let is_final = result.as_ref().err().is_none_or(|error| !error.may_pass());
        *login = is_final.then(|| result.clone());
        result
    }

    /// Refreshes the access token for [`CredentialKind::Refreshed`]; the current one stays in use. Section
    /// *Token Refresh*.
    ///
    /// # Errors
    /// If the actor has no refresh token, there is no response, or no token in it.
    pub async fn refresh(&self, scenario: &ScenarioName) -> Result<(), LoginError> {
        let request = self
            .token_request(Operation::TokenRefresh, CredentialKind::Access)
            .map_err(|_| LoginError::NoRefreshToken(self.name().clone()))?;
        let response = self.call_once(scenario, request).await;
        self.accept(&response, |session, access, refresh| {
            session.refreshed = Some(access);
            session.refresh = refresh.or(session.refresh.take());
        })
    }

    /// Replaces the access token if it may have expired; `true` if it differs from `sent` now.
    ///
    /// Concurrent calls refresh it once.
    pub(super) async fn renew(&self, scenario: &ScenarioName, sent: Option<SecretString>) -> bool {
        let _one_at_a_time = self.inner.login.lock().await;
        let stale_after = self.client().limits().stale_after;
        let (is_same, is_stale) = {
            let session = self.inner.session.lock();
            let text = |token: &Option<SecretString>| {
                token.as_ref().map(|token| token.expose_secret().to_owned())
            };
            let age = session.since.map(|since| since.elapsed());
            let is_stale = session.refresh.is_some() && age.is_none_or(|age| age > stale_after);
            (text(&session.access) == text(&sent), is_stale)
        };
        if !is_same {
            return true;
        }
        if !is_stale || self.refresh(scenario).await.is_err() {
            return false;
        }
        let mut session = self.inner.session.lock();
        session.access = session.refreshed.clone();
        session.since = Some(Instant::now());
        true
    }

    /// Takes the tokens of a response.
    fn accept(
        &self,
        response: &Response,
        keep: impl FnOnce(&mut Session, SecretString, Option<SecretString>),
    ) -> Result<(), LoginError> {
        let actor = self.name().clone();
        if let Some(error) = &response.error {
            let failure = response.failure.clone();
            let budget = self.client().limits().failed_logins.as_ref();
            let failed = budget.map_or(0, |budget| budget.recent());
            let is_throttled = !self.client().throttled_for().is_zero();
            let reason = if is_throttled { after_failures(failed) } else { String::new() };
            return Err(LoginError::NoAnswer { actor, error: format!("{error}{reason}"), failure });
        }
        let answer = || response.describe_redacted(LONGEST_BODY, self.client().recorder());
        if !response.is_success() {
            let status = response.status.unwrap_or_default();
            let budget = self.client().limits().failed_logins.as_ref();
            let failed = budget.map_or(0, |budget| budget.recent());
            if is_lockout(status, response.has_retry_after, &response.body) {
                return Err(LoginError::LockedOut { actor, status, answer: answer(), failed });
            }
            if let Some(budget) = budget.filter(|_| status < 500) {
                budget.note();
            }
            return Err(LoginError::Refused { actor, status, answer: answer() });
        }
        let Some(access) = response.text_at("/access").filter(|token| !token.is_empty()) else {
            return Err(LoginError::NoToken { actor, answer: answer() });
        };
        let refresh = response.text_at("/refresh").filter(|token| !token.is_empty());
        keep(&mut self.inner.session.lock(), access.into(), refresh.map(Into::into));
        Ok(())
    }
}
