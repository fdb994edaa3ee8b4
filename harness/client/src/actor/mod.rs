//! Who does things at the target.

use std::fmt;
use std::sync::Arc;

use hearback_contract::{Method, Operation, UserId};
use hearback_history::{ActorName, Credential, CredentialKind, EventKind, ScenarioName};
use parking_lot::{Mutex, MutexGuard};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use crate::accounts::{Account, AccountSecret};
use crate::auth::jwt_forgery::{self, ForgeError};
use crate::auth::session::{self, CredentialError, Session};
use crate::auth::signing::Signing;
use crate::client::Client;
use crate::failure::Failure;
use crate::rest::request::Request;
use crate::rest::response::Response;
use crate::rest::send::Outgoing;

/// How much of an answer an error shows, in characters.
const SHOWN: usize = 200;

/// Why an actor got no token. Texts of the target are bounded, escaped, and without secrets.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LogInError {
    /// The target said no; it is not asked again.
    #[error("the target refused to give `{actor}` a token: {answer}")]
    Refused {
        /// Who asked.
        actor: ActorName,
        /// HTTP status.
        status: u16,
        /// Status and beginning of the body.
        answer: String,
    },
    /// The target said something else.
    #[error("the target answered `{actor}` with success, but without a token: {answer}")]
    NoToken {
        /// Who asked.
        actor: ActorName,
        /// Status and beginning of the body.
        answer: String,
    },
    /// The target said nothing.
    #[error("`{actor}` could not ask for a token: {error}")]
    NoAnswer {
        /// Who asked.
        actor: ActorName,
        /// Why.
        error: String,
        /// The failure of the connection, where it was that.
        failure: Option<Failure>,
    },
    /// There is nothing to refresh with.
    #[error("`{0}` has no refresh token")]
    NoRefreshToken(ActorName),
}

/// An account at work; clones are the same actor.
#[derive(Clone)]
pub struct Actor {
    inner: Arc<Inner>,
}

struct Inner {
    client: Arc<Client>,
    account: Account,
    session: Mutex<Session>,
    user_id: Mutex<Option<UserId>>,
    /// The outcome of the log-in, once it is final; held while tokens are being obtained.
    log_in: tokio::sync::Mutex<Option<Result<(), LogInError>>>,
}

impl fmt::Debug for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Actor({})", self.name())
    }
}

impl Actor {
    pub(crate) fn new(client: Arc<Client>, account: Account) -> Self {
        let session = match &account.secret {
            AccountSecret::Password(_) => Session::default(),
            AccountSecret::Tokens { access, refresh } => Session {
                access: Some(access.clone()),
                refresh: refresh.clone(),
                ..Session::default()
            },
        };
        Self {
            inner: Arc::new(Inner {
                client,
                session: Mutex::new(session),
                user_id: Mutex::new(account.id),
                log_in: tokio::sync::Mutex::new(None),
                account,
            }),
        }
    }

    /// Its user name.
    pub fn name(&self) -> &ActorName {
        &self.inner.account.username
    }

    /// Its account.
    pub fn account(&self) -> &Account {
        &self.inner.account
    }

    /// The driver that it acts through.
    pub fn client(&self) -> &Arc<Client> {
        &self.inner.client
    }

    /// Its user id at the target, once known.
    pub fn user_id(&self) -> Option<UserId> {
        *self.inner.user_id.lock()
    }

    /// Notes its user id; recorded if that is new.
    pub fn learn_user_id(&self, user_id: UserId) {
        let known = self.inner.user_id.lock().replace(user_id);
        if known != Some(user_id) {
            self.client().recorder().record(EventKind::ActorKnown {
                actor: self.name().clone(),
                user_id: Some(user_id),
            });
        }
    }

    /// Whether it could show a token of this kind now; nothing is sent.
    pub fn can_show(&self, kind: CredentialKind) -> Result<(), CredentialError> {
        self.token(kind).map(drop)
    }

    /// An actor for another account of this target, whose access token is signed here after the model of
    /// this actor's own, and signed again before it expires; nothing is sent. The account's id must be known.
    ///
    /// # Errors
    /// If this actor has no token, or it cannot be signed with `secret`.
    pub fn made_out_to(
        &self,
        account: Account,
        secret: &SecretString,
    ) -> Result<Self, CredentialError> {
        let own = self.access().ok_or(CredentialError::NotLoggedIn)?;
        let id = account.id.ok_or(ForgeError::NoUser)?;
        let token = jwt_forgery::for_user(own.expose_secret(), id, secret)?;
        let since = self.inner.session.lock().since;
        let signing = Signing::after(own.expose_secret(), since, secret.clone());
        let secret = AccountSecret::Tokens { access: token.into(), refresh: None };
        let actor = self.client().actor(Account { secret, ..account });
        actor.inner.session.lock().signing = Some(signing);
        Ok(actor)
    }

    /// Obtains tokens once: later calls, and clones, get the same outcome. Section *Getting JWT Tokens*.
    ///
    /// Ready tokens need nothing. A refusal is final; where no answer came, the next call asks again.
    pub async fn log_in(&self, scenario: &ScenarioName) -> Result<(), LogInError> {
        let Ok(request) = self.token_request(Operation::TokenObtain, CredentialKind::Access) else {
            return Ok(());
        };
        let mut outcome = self.inner.log_in.lock().await;
        if let Some(outcome) = &*outcome {
            return outcome.clone();
        }
        let response = self.call_once(scenario, request).await;
        let result = self.accept(&response, |session, access, refresh| {
            session.access = Some(access);
            session.refresh = refresh;
            session.since = Some(Instant::now());
        });
        if !matches!(result, Err(LogInError::NoAnswer { .. })) {
            *outcome = Some(result.clone());
        }
        result
    }

    /// Has the access token refreshed; requests that show [`CredentialKind::Refreshed`] use the new one.
    /// Section *Token Refresh*.
    pub async fn refresh(&self, scenario: &ScenarioName) -> Result<(), LogInError> {
        let request = self
            .token_request(Operation::TokenRefresh, CredentialKind::Access)
            .map_err(|_| LogInError::NoRefreshToken(self.name().clone()))?;
        let response = self.call_once(scenario, request).await;
        self.accept(&response, |session, access, refresh| {
            session.refreshed = Some(access);
            session.refresh = refresh.or(session.refresh.take());
        })
    }

    /// Sends a request and waits for its answer.
    ///
    /// An access token that is refused after having been held for a while is refreshed, once, and the
    /// request sent again. If the token asked for cannot be shown, nothing is sent or recorded.
    pub async fn call(&self, scenario: &ScenarioName, request: Request) -> Response {
        let again = (request.credential == CredentialKind::Access
            && request.operation.spec().authenticated)
            .then(|| request.clone());
        let shown = self.access();
        let response = self.call_once(scenario, request).await;
        match again {
            Some(request)
                if response.status == Some(401) && self.renewed(scenario, shown).await =>
            {
                self.call_once(scenario, request).await
            }
            _ => response,
        }
    }

    /// Fetches an attachment, by a URL that is absolute or relative to the target's host.
    ///
    /// Nothing is sent to another origin. Ambiguity `attachment-url`.
    pub async fn fetch(&self, scenario: &ScenarioName, url: &str) -> Response {
        let client = self.client();
        let Ok(url) = client.target.rest().join(url) else {
            return Response::unsent("the attachment's URL does not parse");
        };
        if !client.target.same_origin(&url)
            || !url.username().is_empty()
            || url.password().is_some()
        {
            return Response::unsent("the attachment's URL is not of the target's own origin");
        }
        let token = match self.token(CredentialKind::Access) {
            Ok(token) => token,
            Err(error) => return Response::unsent(error),
        };
        client
            .send(Outgoing {
                scenario,
                actor: self.name(),
                operation: None,
                method: reqwest::Method::GET,
                path: url.to_string(),
                url,
                path_parameters: Vec::new(),
                query: Vec::new(),
                body: None,
                credential: self.credential(CredentialKind::Access),
                token,
            })
            .await
    }

    /// The token of a kind, out of the record from now on.
    pub(crate) fn token(
        &self,
        kind: CredentialKind,
    ) -> Result<Option<SecretString>, CredentialError> {
        let client = self.client();
        let token = self.session().token(kind, client.jwt_secret.as_ref())?;
        if let (Some(token), Some(label)) = (&token, session::label(kind, self.name().as_str())) {
            client.recorder().register_secret(token.expose_secret(), &label);
        }
        Ok(token)
    }

    /// What stands in the place of the refresh token for this kind of credential.
    pub(crate) fn token_for_refresh(
        &self,
        kind: CredentialKind,
    ) -> Result<SecretString, CredentialError> {
        self.inner.session.lock().token_for_refresh(kind, self.client().jwt_secret.as_ref())
    }

    /// The access token held now.
    pub(crate) fn access(&self) -> Option<SecretString> {
        self.session().access.clone()
    }

    /// What it holds now; a token that was signed here is still good for a while.
    fn session(&self) -> MutexGuard<'_, Session> {
        let mut session = self.inner.session.lock();
        session.sign_again();
        session
    }

    /// As if its token had been signed so much earlier.
    #[cfg(test)]
    pub(crate) fn backdate_signing(&self, by: std::time::Duration) {
        let mut session = self.inner.session.lock();
        session.signing.as_mut().expect("signed here").backdate(by);
    }

    /// How a token of this actor is recorded.
    pub(crate) fn credential(&self, kind: CredentialKind) -> Credential {
        Credential { kind, owner: self.name().clone() }
    }

    async fn call_once(&self, scenario: &ScenarioName, request: Request) -> Response {
        let client = self.client();
        let spec = request.operation.spec();
        // The token operations' credential is in the body.
        let kind = if spec.authenticated { request.credential } else { CredentialKind::Anonymous };
        let token = match self.token(kind) {
            Ok(token) => token,
            Err(error) => return Response::unsent(error),
        };
        let parameters: Vec<&str> = request.path_parameters.iter().map(String::as_str).collect();
        client
            .send(Outgoing {
                scenario,
                actor: self.name(),
                operation: Some(request.operation),
                method: match spec.method {
                    Method::Get => reqwest::Method::GET,
                    Method::Post => reqwest::Method::POST,
                    Method::Patch => reqwest::Method::PATCH,
                    Method::Delete => reqwest::Method::DELETE,
                },
                path: spec.path_with(&parameters),
                url: client.target.operation_url(
                    request.operation,
                    &request.path_parameters,
                    &request.query,
                ),
                credential: self.credential(request.credential),
                token,
                path_parameters: request.path_parameters,
                query: request.query,
                body: request.body,
            })
            .await
    }

    /// Whether the access token is another one than `shown` by now, be it that somebody else renewed it.
    pub(crate) async fn renewed(
        &self,
        scenario: &ScenarioName,
        shown: Option<SecretString>,
    ) -> bool {
        let _one_at_a_time = self.inner.log_in.lock().await;
        let stale_after = self.client().limits().stale_after;
        let (same, stale) = {
            let session = self.inner.session.lock();
            let text = |token: &Option<SecretString>| {
                token.as_ref().map(|token| token.expose_secret().to_owned())
            };
            let age = session.since.map(|since| since.elapsed());
            let stale = session.refresh.is_some() && age.is_none_or(|age| age > stale_after);
            (text(&session.access) == text(&shown), stale)
        };
        if !same {
            return true;
        }
        if !stale || self.refresh(scenario).await.is_err() {
            return false;
        }
        let mut session = self.inner.session.lock();
        session.access = session.refreshed.clone();
        session.since = Some(Instant::now());
        true
    }

    /// Takes the tokens out of a response.
    fn accept(
        &self,
        response: &Response,
        keep: impl FnOnce(&mut Session, SecretString, Option<SecretString>),
    ) -> Result<(), LogInError> {
        let actor = self.name().clone();
        if let Some(error) = &response.error {
            let failure = response.failure.clone();
            return Err(LogInError::NoAnswer { actor, error: error.clone(), failure });
        }
        let answer = || response.describe_redacted(SHOWN, self.client().recorder());
        if !response.is_success() {
            let status = response.status.unwrap_or_default();
            return Err(LogInError::Refused { actor, status, answer: answer() });
        }
        let Some(access) = response.text_at("/access").filter(|token| !token.is_empty()) else {
            return Err(LogInError::NoToken { actor, answer: answer() });
        };
        let refresh = response.text_at("/refresh").filter(|token| !token.is_empty());
        keep(&mut self.inner.session.lock(), access.into(), refresh.map(Into::into));
        Ok(())
    }
}
