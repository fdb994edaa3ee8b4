//! Tokens of an earlier run in place of a login.

use hearback_contract::Operation;
use hearback_history::{Attempt, Excuse, ScenarioName};
use secrecy::ExposeSecret as _;

use super::Actor;
use crate::auth::session::Session;
use crate::rest::Request;

impl Actor {
    /// Takes the cached tokens of the account if the target accepts them, refreshed if necessary; `false` if the
    /// account has to log in. Must be called while the login is locked.
    pub(super) async fn restore(&self, scenario: &ScenarioName) -> bool {
        let client = self.client();
        let Some(cache) = &client.limits().token_cache else { return false };
        let Some((access, refresh)) = cache.get(self.name()) else { return false };
        let (recorder, name) = (client.recorder(), self.name());
        recorder.register_secret(access.expose_secret(), &format!("access token of {name}"));
        if let Some(refresh) = &refresh {
            recorder.register_secret(refresh.expose_secret(), &format!("refresh token of {name}"));
        }
        *self.inner.session.lock() = Session::given(&access, refresh.as_ref());
        let list = Request::new(Operation::RoomsList);
        let response = self.call_with(scenario, list, Some(access)).await;
        // Other statuses do not concern the token.
        if response.status.is_some_and(|status| !matches!(status, 401 | 403)) {
            return true;
        }
        if let Some(call) = response.call {
            client.excuse(Attempt::Call(call), Excuse::TokenExpired);
        }
        if self.has_refreshed(scenario).await {
            return true;
        }
        tracing::debug!(actor = %name, "cached tokens are rejected");
        cache.forget(name);
        *self.inner.session.lock() = Session::default();
        false
    }

    /// Refreshes the cached tokens; a rejection says nothing about the API, since they may be old.
    async fn has_refreshed(&self, scenario: &ScenarioName) -> bool {
        let (result, call) = self.try_refresh_locked(scenario).await;
        if result.is_ok() {
            self.inner.session.lock().use_refreshed();
            return true;
        }
        if let Some(call) = call {
            self.client().excuse(Attempt::Call(call), Excuse::TokenExpired);
        }
        false
    }
}
