//! Keeping a token that was signed here valid: it is signed again before it expires.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use crate::auth::jwt_forgery;

/// How a token that was signed here is signed again.
#[derive(Clone, Debug)]
pub(crate) struct Signing {
    secret: SecretString,
    /// When a token with these times was had.
    since: Instant,
    /// How long it is good for; without an expiry, for ever.
    lifetime: Option<Duration>,
}

impl Signing {
    /// For a copy of `model`, which was had at `since`; unknown for a ready one.
    pub(crate) fn after(model: &str, since: Option<Instant>, secret: SecretString) -> Self {
        let lifetime = jwt_forgery::lifetime(model, since.is_some());
        Self { secret, since: since.unwrap_or_else(Instant::now), lifetime }
    }

    /// `token` with the same claims and the same lifetime, counted from `now`, once half of it is over.
    ///
    /// Moved by how long it was held: the target's clock may be another one.
    pub(crate) fn again(&mut self, token: &SecretString, now: Instant) -> Option<SecretString> {
        let held = Duration::from_secs(now.saturating_duration_since(self.since).as_secs());
        if held.is_zero() || held < self.lifetime? / 2 {
            return None;
        }
        let later = jwt_forgery::later(token.expose_secret(), held, &self.secret).ok()?;
        self.since += held;
        Some(later.into())
    }

    #[cfg(test)]
    pub(crate) fn backdate(&mut self, by: Duration) {
        self.since -= by;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hearback_history::{CredentialKind, Recorder};
    use jiff::Timestamp;

    use super::*;
    use crate::auth::jwt_forgery::tests::{claim, signed};
    use crate::{Account, AccountSecret, Actor, Client, Limits, Target};

    const KEY: &str = "a key";

    /// An actor whose token is made out after one of another's that is good for ten minutes.
    fn made_out() -> Actor {
        let now = Timestamp::now().as_second();
        let model = signed(
            serde_json::json!({"user_id": 1, "jti": "a", "iat": now, "exp": now + 600}),
            KEY,
        );
        let target = Target::new("http://127.0.0.1:9/api", None).unwrap();
        let recorder = Arc::new(Recorder::new(Vec::new()));
        let client = Client::new(target, recorder, Limits::default(), Some(KEY.into())).unwrap();
        let secret = AccountSecret::Tokens { access: model.into(), refresh: None };
        let first = client.actor(Account { secret, ..Account::with_password("one", "") });
        let other = Account { id: Some(2.into()), ..Account::with_password("two", "") };
        first.made_out_to(other, &KEY.into()).unwrap()
    }

    fn shown(actor: &Actor) -> String {
        let token = actor.token(CredentialKind::Access).unwrap().unwrap();
        token.expose_secret().to_owned()
    }

    #[test]
    fn a_token_is_signed_again_when_half_of_its_life_is_over() {
        let actor = made_out();
        let first = shown(&actor);
        assert_eq!(shown(&actor), first, "not before");
        let held = Duration::from_secs(500);
        actor.backdate_signing(held);
        let second = shown(&actor);
        for time in ["iat", "exp"] {
            let moved =
                claim(&second, time).as_i64().unwrap() - claim(&first, time).as_i64().unwrap();
            assert_eq!(moved, 500, "{time}");
        }
        assert_eq!(claim(&second, "user_id"), 2);
        assert_ne!(claim(&second, "jti"), claim(&first, "jti"));
        assert_eq!(shown(&actor), second, "once");
    }
}
