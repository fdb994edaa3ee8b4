//! Actors: accounts that log in, send requests and open sockets.

mod login;
mod login_error;
mod refusals;
mod renewal;
mod requests;
mod restore;
mod sockets;

use std::fmt;
use std::sync::Arc;

use hearback_contract::{Operation, UserId};
use hearback_history::{ActorName, Credential, CredentialKind, EventKind};
use parking_lot::{Mutex, MutexGuard};
use secrecy::{ExposeSecret as _, SecretString};

use crate::accounts::{Account, AccountSecret};
use crate::auth::session::{self, Session};
use crate::auth::signing::Signing;
use crate::auth::token_request::token_request;
use crate::auth::{CredentialError, Identity, JwtForgeryError, Source, Statement, jwt_forgery};
use crate::client::Client;
use crate::rest::Request;

pub use login_error::LoginError;
pub use sockets::UnusualHandshake;

/// An account in use; clones are the same actor.
#[derive(Clone)]
pub struct Actor {
    inner: Arc<Inner>,
}

struct Inner {
    client: Arc<Client>,
    account: Account,
    session: Mutex<Session>,
    user: Mutex<User>,
    /// Result of the login, once it is final; locked while tokens are being obtained.
    login: tokio::sync::Mutex<Option<Result<(), LoginError>>>,
}

/// The user that an account is, as far as known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct User {
    id: Option<UserId>,
    username: Option<String>,
    /// The statement of the response to the login.
    stated: Option<Statement>,
}

impl fmt::Debug for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Actor({})", self.name())
    }
}

impl Client {
    /// An actor for `account`, which is recorded; its secrets are redacted from now on.
    pub fn actor(self: &Arc<Self>, account: Account) -> Actor {
        account.register_secrets(&self.recorder);
        self.ownership.add_account(&account.username, account.id);
        self.recorder.record(EventKind::ActorKnown {
            actor: account.username.clone(),
            user_id: account.id,
            username: None,
        });
        Actor::new(self.clone(), account)
    }
}

impl Actor {
    fn new(client: Arc<Client>, account: Account) -> Self {
        let session = match &account.secret {
            AccountSecret::Password(_) => Session::default(),
            AccountSecret::Tokens { access, refresh } => Session::given(access, refresh.as_ref()),
        };
        Self {
            inner: Arc::new(Inner {
                client,
                session: Mutex::new(session),
                user: Mutex::new(User { id: account.id, ..User::default() }),
                login: tokio::sync::Mutex::new(None),
                account,
            }),
        }
    }

    /// Name with which the actor logs in; its username in responses may differ.
    pub fn name(&self) -> &ActorName {
        &self.inner.account.username
    }

    /// The account.
    pub fn account(&self) -> &Account {
        &self.inner.account
    }

    /// The client that the actor uses.
    pub fn client(&self) -> &Arc<Client> {
        &self.inner.client
    }

    /// User id at the target, if known.
    pub fn user_id(&self) -> Option<UserId> {
        self.inner.user.lock().id
    }

    /// Username in responses of the target, if known.
    pub fn username(&self) -> Option<String> {
        self.inner.user.lock().username.clone()
    }

    /// Sets the user id and the username, and records them if they are new.
    pub fn learn_user(&self, id: UserId, username: Option<&str>) {
        let is_new = {
            let mut user = self.inner.user.lock();
            let before = user.clone();
            user.id = Some(id);
            user.username = username.map(str::to_owned).or(user.username.take());
            *user != before
        };
        if is_new {
            self.client().ownership().add_account(self.name(), Some(id));
            self.client().recorder().record(EventKind::ActorKnown {
                actor: self.name().clone(),
                user_id: Some(id),
                username: self.username(),
            });
        }
    }

    /// What is known of the user without a request: the account, the response of the login and the claims of
    /// the token, unless the token was signed here.
    pub fn identity(&self) -> Identity {
        let mut identity = Identity::default();
        if let Some(id) = self.account().id {
            identity.add(Statement { source: Source::AccountsFile, id, username: None });
        }
        let stated = self.inner.user.lock().stated.clone();
        stated.into_iter().for_each(|statement| identity.add(statement));
        let session = self.inner.session.lock();
        if let (Some(access), None) = (&session.access, &session.signing) {
            let claims = jwt_forgery::claims(access.expose_secret());
            match claims.as_ref().and_then(Statement::of_claims) {
                Some(statement) => identity.add(statement),
                None => identity.add_silent(Source::TokenClaims, "none"),
            }
        }
        identity
    }

    /// Returns whether the actor has an access token.
    pub fn is_logged_in(&self) -> bool {
        self.access().is_some()
    }

    /// Checks that the actor has a token of this kind; sends nothing.
    ///
    /// # Errors
    /// If it has none and none can be forged.
    pub fn can_present(&self, kind: CredentialKind) -> Result<(), CredentialError> {
        self.token(kind).map(drop)
    }

    /// An actor for another account, whose access token is forged from that of this actor; sends nothing.
    ///
    /// The token is signed again before it expires. The id of the account must be known.
    ///
    /// # Errors
    /// If this actor has no token, or `secret` does not verify it.
    pub fn impersonate(
        &self,
        account: Account,
        secret: &SecretString,
    ) -> Result<Self, CredentialError> {
        let own = self.access().ok_or(CredentialError::NotLoggedIn)?;
        let id = account.id.ok_or(JwtForgeryError::NoUserId)?;
        let token = jwt_forgery::impersonate(own.expose_secret(), id, secret)?;
        let since = self.inner.session.lock().since;
        let signing = Signing::new(own.expose_secret(), since, secret.clone());
        let secret = AccountSecret::Tokens { access: token.into(), refresh: None };
        let actor = self.client().actor(Account { secret, ..account });
        actor.inner.session.lock().signing = Some(signing);
        Ok(actor)
    }

    /// The same account with its tokens, at the target of another client; sends nothing.
    pub fn at(&self, client: &Arc<Client>) -> Self {
        let actor = Self::new(client.clone(), self.account().clone());
        *actor.inner.session.lock() = self.session().clone();
        *actor.inner.user.lock() = self.inner.user.lock().clone();
        actor
    }

    /// A request of a token operation with a kind of credential, as [`CredentialKind`] describes them.
    ///
    /// # Errors
    /// If the operation does not accept this kind of credential, or the actor lacks a secret for it.
    pub fn token_request(
        &self,
        operation: Operation,
        kind: CredentialKind,
    ) -> Result<Request, CredentialError> {
        let session = self.inner.session.lock();
        let client = self.client();
        let budget = client.limits.failed_logins.as_ref();
        let wrong_password_of = budget.map_or_else(|| self.name(), |budget| budget.account());
        let jwt_secret = client.jwt_secret.as_ref();
        token_request(operation, kind, self.account(), &session, jwt_secret, wrong_password_of)
    }

    /// The token of a kind, which is redacted from now on; `None` for [`CredentialKind::Anonymous`].
    fn token(&self, kind: CredentialKind) -> Result<Option<SecretString>, CredentialError> {
        let client = self.client();
        let token = self.session().token(kind, client.jwt_secret.as_ref())?;
        if let (Some(token), Some(label)) = (&token, session::label(kind, self.name().as_str())) {
            client.recorder().register_secret(token.expose_secret(), &label);
        }
        Ok(token)
    }

    /// The current access token.
    fn access(&self) -> Option<SecretString> {
        self.session().access.clone()
    }

    /// The current tokens, after renewing one that was signed here.
    fn session(&self) -> MutexGuard<'_, Session> {
        let mut session = self.inner.session.lock();
        session.renew_signature();
        session
    }

    /// The credential to record for a token of this actor.
    fn credential(&self, kind: CredentialKind) -> Credential {
        Credential { kind, owner: self.name().clone() }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hearback_history::Recorder;
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::auth::jwt_forgery::tests::{claim, signed};
    use crate::limits::Limits;
    use crate::target::Target;

    const KEY: &str = "a key";

    /// An actor that impersonates user 2 with a token that is valid for ten minutes.
    fn impersonator() -> Actor {
        let now = Timestamp::now().as_second();
        let model = signed(json!({"user_id": 1, "jti": "a", "iat": now, "exp": now + 600}), KEY);
        let target = Target::new("http://127.0.0.1:9/api", None).unwrap();
        let recorder = Arc::new(Recorder::new(Vec::new()));
        let client = Client::new(target, recorder, Limits::default(), Some(KEY.into())).unwrap();
        let secret = AccountSecret::Tokens { access: model.into(), refresh: None };
        let first = client.actor(Account { secret, ..Account::with_password("one", "") });
        let other = Account { id: Some(2.into()), ..Account::with_password("two", "") };
        first.impersonate(other, &KEY.into()).unwrap()
    }

    fn access_token(actor: &Actor) -> String {
        actor.token(CredentialKind::Access).unwrap().unwrap().expose_secret().to_owned()
    }

    #[test]
    fn forged_tokens_are_renewed_after_half_of_their_lifetime() {
        let actor = impersonator();
        let first = access_token(&actor);
        assert_eq!(access_token(&actor), first, "not before");
        let age = Duration::from_secs(500);
        actor.inner.session.lock().signing.as_mut().unwrap().backdate(age);
        let second = access_token(&actor);
        for time in ["iat", "exp"] {
            let moved =
                claim(&second, time).as_i64().unwrap() - claim(&first, time).as_i64().unwrap();
            assert_eq!(moved, 500, "{time}");
        }
        assert_eq!(claim(&second, "user_id"), 2);
        assert_ne!(claim(&second, "jti"), claim(&first, "jti"));
        assert_eq!(access_token(&actor), second, "only once");
    }
}
