//! The tokens of an actor.

use hearback_history::CredentialKind;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use super::issue::{Issues, same};
use super::jwt_forgery::{self, JwtForgeryError};
use super::signing::Signing;

/// Error of getting a token of some kind.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum CredentialError {
    /// There is no access token.
    #[error("the actor has not logged in")]
    NotLoggedIn,
    /// No token was refreshed.
    #[error("the actor has not refreshed its token")]
    NotRefreshed,
    /// The account has tokens instead of a password.
    #[error("the account has no password, only tokens")]
    NoPassword,
    /// The target has not replaced a refresh token.
    #[error("the target does not replace refresh tokens")]
    NotRotated,
    /// The actor has logged in once, or its earlier token is old.
    #[error("the actor has no recent token of an earlier login")]
    NoEarlierLogin,
    /// There is no refresh token.
    #[error("the actor has no refresh token")]
    NoRefreshToken,
    /// The operation does not accept this kind of credential.
    #[error("the operation does not accept this kind of credential")]
    NotApplicable,
    /// A header cannot carry the access token.
    #[error(
        "its access token contains a line break or another character that a header cannot carry; remove it from \
         the accounts file or the environment variable"
    )]
    Unsendable,
    /// The access token is longer than any header that servers accept.
    #[error("its access token is longer than 64 KiB; servers reject such headers")]
    TooLong,
    /// The access token has the scheme of its header.
    #[error("its access token begins with `Bearer `; give the token alone")]
    Prefixed,
    /// The token cannot be forged.
    #[error(transparent)]
    Forgery(#[from] JwtForgeryError),
}

/// Maximum length of a token in bytes; servers accept headers of 8 to 64 KiB.
pub(crate) const LONGEST_TOKEN: usize = 64 << 10;

impl CredentialError {
    /// Returns whether the accounts or the options lack a secret, as opposed to the target not returning one.
    pub fn is_of_configuration(&self) -> bool {
        !matches!(self, Self::NotLoggedIn | Self::NotRefreshed | Self::NotApplicable)
    }
}

/// Tokens of an actor at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Session {
    pub(crate) access: Option<SecretString>,
    pub(crate) refresh: Option<SecretString>,
    pub(crate) refreshed: Option<SecretString>,
    /// The access token of the login before the last one.
    pub(crate) earlier: Option<SecretString>,
    /// The refresh token before the one in use, if refreshing replaced it.
    pub(crate) superseded: Option<SecretString>,
    /// Time at which the access token was obtained; `None` if it came with the account.
    pub(crate) since: Option<Instant>,
    /// The last access tokens.
    pub(crate) issues: Issues,
    /// True once the target has accepted any access token of the actor.
    pub(crate) accepted: bool,
    /// Time before which the access token is not renewed again, after a renewal has failed.
    pub(crate) next_renewal: Option<Instant>,
    /// Signs the access token again before it expires, if it was signed here.
    pub(crate) signing: Option<Signing>,
}

impl Session {
    /// The tokens that came with an account.
    pub(crate) fn given(access: &SecretString, refresh: Option<&SecretString>) -> Self {
        let mut session =
            Self { access: Some(access.clone()), refresh: refresh.cloned(), ..Self::default() };
        session.issues.add_given(access);
        session
    }

    /// Takes the tokens of a login.
    pub(crate) fn log_in(&mut self, access: SecretString, refresh: Option<SecretString>) {
        self.issues.add(&access);
        self.earlier = self.access.take();
        self.access = Some(access);
        self.refresh = refresh.or(self.refresh.take());
        self.since = Some(Instant::now());
    }

    /// Takes the tokens of a refresh; the current access token stays in use.
    pub(crate) fn keep_refreshed(&mut self, access: SecretString, refresh: Option<SecretString>) {
        self.issues.add(&access);
        self.refreshed = Some(access);
        if let (Some(new), Some(old)) = (&refresh, &self.refresh)
            && !same(new, old)
        {
            self.superseded = Some(old.clone());
        }
        self.refresh = refresh.or(self.refresh.take());
    }

    /// Replaces the access token by the refreshed one.
    pub(crate) fn use_refreshed(&mut self) {
        self.access = self.refreshed.clone();
        self.since = Some(Instant::now());
    }

    /// Records that the target has accepted a token.
    pub(crate) fn accept(&mut self, token: &SecretString) {
        self.accepted = true;
        self.issues.accept(token);
    }

    /// Returns whether the access token has to be renewed.
    pub(crate) fn expires_soon(&self, now: Instant) -> bool {
        let is_due = |token| self.issues.expires_soon(token, now);
        self.signing.is_none()
            && self.next_renewal.is_none_or(|next| next <= now)
            && self.access.as_ref().is_some_and(is_due)
    }

    /// Returns whether a token is the one that is in use for its kind.
    pub(crate) fn is_current(&self, kind: CredentialKind, token: &SecretString) -> bool {
        let current = match kind {
            CredentialKind::Refreshed => &self.refreshed,
            _ => &self.access,
        };
        current.as_ref().is_some_and(|current| same(current, token))
    }

    /// Signs the access token again, if it was signed here and half of its lifetime is over.
    pub(crate) fn renew_signature(&mut self) {
        let (Some(signing), Some(access)) = (&mut self.signing, &self.access) else { return };
        if let Some(token) = signing.renew(access, Instant::now()) {
            self.access = Some(token);
        }
    }

    /// The bearer token of this kind; `None` for [`CredentialKind::Anonymous`].
    pub(crate) fn token(
        &self,
        kind: CredentialKind,
        jwt_secret: Option<&SecretString>,
    ) -> Result<Option<SecretString>, CredentialError> {
        match kind {
            CredentialKind::Anonymous => Ok(None),
            CredentialKind::Access => self.access().map(Some),
            CredentialKind::Refreshed => {
                self.refreshed.clone().map(Some).ok_or(CredentialError::NotRefreshed)
            }
            CredentialKind::Earlier => {
                let now = Instant::now();
                let recent = self.earlier.clone().filter(|it| !self.issues.expires_soon(it, now));
                recent.map(Some).ok_or(CredentialError::NoEarlierLogin)
            }
            CredentialKind::RefreshAsAccess => self.refresh().map(Some),
            CredentialKind::Expiring => {
                let access = self.access()?;
                let age = self.issues.age(&access, Instant::now());
                let token = jwt_forgery::expiring(access.expose_secret(), age, jwt_secret)?;
                Ok(Some(token.into()))
            }
            _ => forged(kind, || self.access(), jwt_secret).map(Some),
        }
    }

    /// The text to send as refresh token for this kind of credential.
    pub(crate) fn token_for_refresh(
        &self,
        kind: CredentialKind,
        jwt_secret: Option<&SecretString>,
    ) -> Result<SecretString, CredentialError> {
        match kind {
            CredentialKind::Access => self.refresh(),
            CredentialKind::AccessAsRefresh => self.access(),
            CredentialKind::Superseded => {
                self.superseded.clone().ok_or(CredentialError::NotRotated)
            }
            _ => forged(kind, || self.refresh(), jwt_secret),
        }
    }

    fn access(&self) -> Result<SecretString, CredentialError> {
        let token = self.access.clone().ok_or(CredentialError::NotLoggedIn)?;
        let text = token.expose_secret();
        if text.len() > LONGEST_TOKEN {
            return Err(CredentialError::TooLong);
        }
        if text.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer ")) {
            return Err(CredentialError::Prefixed);
        }
        if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Err(CredentialError::Unsendable);
        }
        Ok(token)
    }

    fn refresh(&self) -> Result<SecretString, CredentialError> {
        self.refresh.clone().ok_or(CredentialError::NoRefreshToken)
    }
}

/// An invalid token, forged from a valid one if necessary.
fn forged(
    kind: CredentialKind,
    valid: impl Fn() -> Result<SecretString, CredentialError>,
    jwt_secret: Option<&SecretString>,
) -> Result<SecretString, CredentialError> {
    Ok(match kind {
        CredentialKind::Garbage => jwt_forgery::GARBAGE.into(),
        CredentialKind::Tampered => jwt_forgery::tampered(valid()?.expose_secret()).into(),
        CredentialKind::AlgNone => jwt_forgery::unsigned(valid()?.expose_secret())?.into(),
        CredentialKind::Expired => {
            jwt_forgery::expired(valid()?.expose_secret(), jwt_secret)?.into()
        }
        _ => return Err(CredentialError::NotApplicable),
    })
}

/// Label that replaces a token of this kind in the history; `None` if the token is not a secret.
pub(crate) fn label(kind: CredentialKind, owner: &str) -> Option<String> {
    let name = match kind {
        CredentialKind::Anonymous | CredentialKind::Garbage => return None,
        CredentialKind::Access
        | CredentialKind::Refreshed
        | CredentialKind::Earlier
        | CredentialKind::AccessAsRefresh => "access token",
        CredentialKind::RefreshAsAccess | CredentialKind::Superseded => "refresh token",
        CredentialKind::Tampered => "tampered token",
        CredentialKind::AlgNone => "unsigned token",
        CredentialKind::Expired => "expired token",
        CredentialKind::Expiring => "expiring token",
    };
    Some(format!("{name} of {owner}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_require_the_token_that_they_are_made_from() {
        let empty = Session::default();
        let token = |session: &Session, kind| {
            session.token(kind, None).map(|token| token.map(|t| t.expose_secret().to_owned()))
        };
        assert_eq!(token(&empty, CredentialKind::Anonymous), Ok(None));
        assert_eq!(
            token(&empty, CredentialKind::Garbage),
            Ok(Some(jwt_forgery::GARBAGE.to_owned()))
        );
        assert_eq!(token(&empty, CredentialKind::Access), Err(CredentialError::NotLoggedIn));
        assert_eq!(token(&empty, CredentialKind::Tampered), Err(CredentialError::NotLoggedIn));
        assert_eq!(token(&empty, CredentialKind::Refreshed), Err(CredentialError::NotRefreshed));
        assert_eq!(
            token(&empty, CredentialKind::RefreshAsAccess),
            Err(CredentialError::NoRefreshToken)
        );
        assert_eq!(
            token(&empty, CredentialKind::AccessAsRefresh),
            Err(CredentialError::NotApplicable)
        );
        let opaque = Session { access: Some("opaque".into()), ..Session::default() };
        assert_eq!(token(&opaque, CredentialKind::Access), Ok(Some("opaque".to_owned())));
        assert_eq!(
            token(&opaque, CredentialKind::AlgNone),
            Err(CredentialError::Forgery(JwtForgeryError::NotAJwt))
        );
    }

    #[test]
    fn access_tokens_that_no_header_carries_are_errors() {
        let token = |text: &str| {
            let session = Session { access: Some(text.into()), ..Session::default() };
            session.token(CredentialKind::Access, None).map(drop)
        };
        assert_eq!(token("a.b.c"), Ok(()));
        for text in ["a.b.c\n", "a\r", "tökens"] {
            assert_eq!(token(text), Err(CredentialError::Unsendable), "{text:?}");
        }
        assert_eq!(token("Bearer a.b.c"), Err(CredentialError::Prefixed));
    }

    #[test]
    fn refreshing_sends_the_refresh_token_or_a_substitute() {
        let session = Session {
            access: Some("access".into()),
            refresh: Some("refresh".into()),
            ..Session::default()
        };
        let token = |kind| {
            session.token_for_refresh(kind, None).map(|token| token.expose_secret().to_owned())
        };
        assert_eq!(token(CredentialKind::Access).unwrap(), "refresh");
        assert_eq!(token(CredentialKind::AccessAsRefresh).unwrap(), "access");
        assert_eq!(token(CredentialKind::Tampered).unwrap(), "Aefresh");
        assert_eq!(token(CredentialKind::Refreshed), Err(CredentialError::NotApplicable));
    }

    #[test]
    fn a_replaced_refresh_token_is_superseded() {
        let mut session = Session { refresh: Some("first".into()), ..Session::default() };
        let superseded = |session: &Session| {
            let token = session.token_for_refresh(CredentialKind::Superseded, None);
            token.map(|token| token.expose_secret().to_owned())
        };
        session.keep_refreshed("access".into(), None);
        session.keep_refreshed("access".into(), Some("first".into()));
        assert_eq!(superseded(&session), Err(CredentialError::NotRotated));
        session.keep_refreshed("access".into(), Some("second".into()));
        assert_eq!(superseded(&session).unwrap(), "first");
    }
}
