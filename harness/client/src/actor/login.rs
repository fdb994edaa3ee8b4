//! Logging in, and refreshing tokens. Section *Authentication*.

use std::time::Duration;

use hearback_contract::Operation;
use hearback_history::{CallId, CredentialKind, ScenarioName};
use secrecy::SecretString;

use super::Actor;
use super::login_error::{LoginError, after_failures};
use crate::accounts::AccountSecret;
use crate::auth::Statement;
use crate::auth::session::{LONGEST_TOKEN, Session};
use crate::client::ProvenLogin;
use crate::limits::failed_logins::is_lockout;
use crate::limits::refusal_shapes::{Meaning, Shape};
use crate::limits::throttle::Scope;
use crate::rest::{Request, Response};

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
        if self.restore(scenario).await {
            *login = Some(Ok(()));
            return Ok(());
        }
        let mut attempts = 1;
        let result = loop {
            match (self.obtain_locked(scenario, request).await, obtain()) {
                (Err(error), Ok(again)) if error.is_transient() && attempts < ATTEMPTS => {
                    tracing::debug!(actor = %self.name(), %error, "logging in again");
                    self.client().throttle.pause(PAUSE * attempts).await;
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

    /// Obtains tokens with the password, while the login is locked.
    pub(super) async fn obtain_locked(
        &self,
        scenario: &ScenarioName,
        request: Request,
    ) -> Result<(), LoginError> {
        let response = self.call_token_operation(scenario, request).await;
        self.accept_login(&response)
    }

    /// Takes the tokens of a successful login with the password of the account.
    pub(super) fn accept_login(&self, response: &Response) -> Result<(), LoginError> {
        let result = self.accept(response, Session::log_in);
        let result = result.map_err(|error| self.with_failed_logins(error, response));
        let stated = response.json.as_ref().filter(|_| result.is_ok());
        if let Some(statement) = stated.and_then(Statement::of_token_response) {
            self.inner.user.lock().stated = Some(statement);
        }
        result?;
        if let AccountSecret::Password(password) = &self.account().secret {
            let (actor, password) = (self.name().clone(), password.clone());
            *self.client().proven_login.lock() = Some(ProvenLogin { actor, password });
        }
        Ok(())
    }

    /// The error of a login with the failed logins that may be its reason; a refusal is one more.
    fn with_failed_logins(&self, error: LoginError, response: &Response) -> LoginError {
        let client = self.client();
        let budget = client.limits().failed_logins.as_ref();
        let recent = || budget.map_or(0, |budget| budget.recent());
        match error {
            LoginError::Refused { actor, status, answer }
                if is_lockout(status, response.has_retry_after, &response.body) =>
            {
                LoginError::LockedOut { actor, status, answer, failed: recent() }
            }
            LoginError::Refused { status: ..500, .. } => {
                // A throttled login is not a failed one.
                if let Some(budget) = budget.filter(|_| !self.is_refused_for_a_while(response)) {
                    budget.note();
                }
                error
            }
            LoginError::NoAnswer { actor, error, failure }
                if !client.throttle.remaining(&Scope::Logins).is_zero() =>
            {
                let error = format!("{error}{}", after_failures(recent()));
                LoginError::NoAnswer { actor, error, failure }
            }
            error => error,
        }
    }

    /// Returns whether a refused login shows a throttle: the password worked before, or the shape of the refusal
    /// is known.
    fn is_refused_for_a_while(&self, response: &Response) -> bool {
        let shape = Shape::of(403, &response.body);
        response.status == Some(403)
            && (self.is_proven()
                || self.client().refusals.meaning(shape) == Some(Meaning::Throttle))
    }

    /// Returns whether the password of the account has worked.
    pub(super) fn is_proven(&self) -> bool {
        self.inner.session.lock().since.is_some()
    }

    /// Refreshes the access token for [`CredentialKind::Refreshed`]; the current one stays in use. Section
    /// *Token Refresh*.
    ///
    /// # Errors
    /// If the actor has no refresh token, there is no response, or no token in it.
    pub async fn refresh(&self, scenario: &ScenarioName) -> Result<(), LoginError> {
        // Of two requests with the same token, the second one may be rejected.
        let _one_at_a_time = self.inner.login.lock().await;
        self.refresh_locked(scenario).await
    }

    /// Refreshes the access token, while the login is locked.
    pub(super) async fn refresh_locked(&self, scenario: &ScenarioName) -> Result<(), LoginError> {
        self.try_refresh_locked(scenario).await.0
    }

    /// Refreshes the access token as [`refresh_locked`](Self::refresh_locked) does; the result, and the call.
    pub(super) async fn try_refresh_locked(
        &self,
        scenario: &ScenarioName,
    ) -> (Result<(), LoginError>, Option<CallId>) {
        let request = self.token_request(Operation::TokenRefresh, CredentialKind::Access);
        let Ok(request) = request else {
            return (Err(LoginError::NoRefreshToken(self.name().clone())), None);
        };
        let response = self.call_token_operation(scenario, request).await;
        (self.accept(&response, Session::keep_refreshed), response.call)
    }

    /// Takes the tokens of a response.
    fn accept(
        &self,
        response: &Response,
        keep: impl FnOnce(&mut Session, SecretString, Option<SecretString>),
    ) -> Result<(), LoginError> {
        let actor = self.name().clone();
        if let Some(error) = &response.error {
            let (error, failure) = (error.clone(), response.failure.clone());
            return Err(LoginError::NoAnswer { actor, error, failure });
        }
        let answer = || response.describe_redacted(LONGEST_BODY, self.client().recorder());
        if !response.is_success() {
            let status = response.status.unwrap_or_default();
            return Err(LoginError::Refused { actor, status, answer: answer() });
        }
        let Some(access) = response.text_at("/access").filter(|token| !token.is_empty()) else {
            return Err(LoginError::NoToken { actor, answer: answer() });
        };
        if let Some(reason) = why_unusable(access) {
            return Err(LoginError::UnusableToken { actor, reason });
        }
        let refresh = response.text_at("/refresh");
        let refresh = refresh.filter(|token| !token.is_empty() && token.len() <= LONGEST_TOKEN);
        let mut session = self.inner.session.lock();
        keep(&mut session, access.into(), refresh.map(Into::into));
        if let Some(cache) = &self.client().limits().token_cache {
            cache.put(&actor, &access.into(), session.refresh.as_ref());
        }
        Ok(())
    }
}

/// The reason why requests cannot carry an access token of the target, if they cannot.
fn why_unusable(token: &str) -> Option<&'static str> {
    if token.len() > LONGEST_TOKEN {
        return Some("it is longer than 64 KiB");
    }
    let is_visible = token.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    (!is_visible).then_some("it contains a character that a header cannot carry")
}
