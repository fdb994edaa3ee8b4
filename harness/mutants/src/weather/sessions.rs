//! Tokens that become invalid before they expire: rotation of refresh tokens, one session per user.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use hearback_reference::rules::Authentication;
use hearback_reference::tokens::{EntryPoint, Signer, TokenType};
use hearback_reference::users::{Credentials, UserId};
use hearback_reference::{App, Refusal};
use parking_lot::Mutex;
use serde_json::{Value, json};

/// Tokens that become invalid before they expire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct SessionPolicy {
    /// Refreshing returns a new refresh token, and the old one becomes invalid.
    pub(super) is_rotating: bool,
    /// Logging in and refreshing end the older access tokens of the user, and logging in the older
    /// refresh tokens as well.
    pub(super) is_single: bool,
}

impl SessionPolicy {
    pub(super) fn is_needed(self) -> bool {
        self.is_rotating || self.is_single
    }
}

/// The valid tokens, as far as a policy restricts them.
#[derive(Default)]
pub(super) struct Sessions {
    policy: SessionPolicy,
    used: Mutex<HashSet<String>>,
    latest: Mutex<HashMap<(UserId, Purpose), String>>,
}

/// The type of a token, as a key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Purpose {
    Access,
    Refresh,
}

impl Sessions {
    pub(super) fn new(policy: SessionPolicy) -> Self {
        Self { policy, ..Self::default() }
    }

    fn is_ended(&self, user: UserId, token: &str, entry: EntryPoint) -> bool {
        let key = match entry.token_type() {
            TokenType::Access => Purpose::Access,
            TokenType::Refresh => Purpose::Refresh,
        };
        let is_latest = self.latest.lock().get(&(user, key)).is_none_or(|latest| latest == token);
        !is_latest || self.used.lock().contains(token)
    }

    fn issued(&self, app: &App, pair: &Value) {
        let types = [
            ("access", TokenType::Access, Purpose::Access),
            ("refresh", TokenType::Refresh, Purpose::Refresh),
        ];
        for (name, token_type, key) in types {
            if self.policy.is_single
                && let Some(token) = pair[name].as_str()
                && let Ok(user) = app.signer.verify(token, token_type)
            {
                self.latest.lock().insert((user, key), token.to_owned());
            }
        }
    }
}

/// The rules of a server that ends sessions.
pub(super) struct SessionRules {
    pub(super) base: Arc<dyn Authentication>,
    pub(super) sessions: Arc<Sessions>,
}

impl Authentication for SessionRules {
    fn accepts(&self, credentials: &Credentials, password: &str) -> bool {
        self.base.accepts(credentials, password)
    }

    fn login_refusal(&self, user_exists: bool) -> Refusal {
        self.base.login_refusal(user_exists)
    }

    fn ends_sockets(&self) -> bool {
        self.base.ends_sockets()
    }

    fn authenticate(
        &self,
        signer: &Signer,
        token: Option<&str>,
        entry: EntryPoint,
    ) -> Result<UserId, Refusal> {
        let user = self.base.authenticate(signer, token, entry)?;
        match token {
            Some(token) if self.sessions.is_ended(user, token, entry) => {
                Err(Refusal::Unauthenticated("The session has ended."))
            }
            _ => Ok(user),
        }
    }
}

/// The state of the layer of sessions.
#[derive(Clone)]
pub(super) struct SessionLayer {
    pub(super) app: Arc<App>,
    pub(super) sessions: Arc<Sessions>,
}

/// Follows the tokens that the server issues, and rotates refresh tokens.
pub(super) async fn follow(
    State(layer): State<SessionLayer>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().trim_end_matches('/').to_owned();
    let is_refresh = path.ends_with("/token/refresh");
    if !is_refresh && !path.ends_with("/token") {
        return next.run(request).await;
    }
    let (head, body) = request.into_parts();
    let sent = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let response = next.run(Request::from_parts(head, Body::from(sent.clone()))).await;
    if !response.status().is_success() {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let mut issued: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    if is_refresh && layer.sessions.policy.is_rotating {
        let used: Value = serde_json::from_slice(&sent).unwrap_or_default();
        let used = used["refresh"].as_str().unwrap_or_default();
        // Of two requests with the same token, the second one is refused.
        if !layer.sessions.used.lock().insert(used.to_owned()) {
            return Refusal::Unauthenticated("The session has ended.").into_response();
        }
        if let Ok(user) = layer.app.signer.verify(used, TokenType::Refresh)
            && let Ok(refresh) = layer.app.signer.issue(user, TokenType::Refresh)
        {
            issued["refresh"] = json!(refresh);
        }
    }
    layer.sessions.issued(&layer.app, &issued);
    head.headers.remove(CONTENT_LENGTH);
    Response::from_parts(head, Body::from(issued.to_string()))
}
