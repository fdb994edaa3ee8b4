//! Logging in, and refreshing tokens. Section *Authentication*.

use hearback_contract::Operation;
use hearback_history::{CredentialKind, ScenarioName};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use super::Actor;
use super::login_error::LoginError;
use crate::auth::session::Session;
use crate::rest::Response;

/// Maximum length of a response body in an error, in characters.
const LONGEST_BODY: usize = 200;

impl Actor {
    /// Obtains tokens once; later calls, also on clones, return the same result. Section *Getting JWT Tokens*.
    ///
    /// Does nothing if the account came with tokens. A refusal is final; after a failure without response, the
    /// next call tries again.
    ///
    /// # Errors
    /// If there is no response, or no token in it.
    pub async fn log_in(&self, scenario: &ScenarioName) -> Result<(), LoginError> {
        let Ok(request) = self.token_request(Operation::TokenObtain, CredentialKind::Access) else {
            return Ok(());
        };
        let mut login = self.inner.login.lock().await;
        if let Some(result) = &*login {
            return result.clone();
        }
        let response = self.call_once(scenario, request).await;
        let result = self.accept(&response, |session, access, refresh| {
            session.access = Some(access);
            session.refresh = refresh;
            session.since = Some(Instant::now());
        });
        if !matches!(result, Err(LoginError::NoAnswer { .. })) {
            *login = Some(result.clone());
        }
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
            return Err(LoginError::NoAnswer { actor, error: error.clone(), failure });
        }
        let answer = || response.describe_redacted(LONGEST_BODY, self.client().recorder());
        if !response.is_success() {
            let status = response.status.unwrap_or_default();
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
