//! Renewal of tokens that were signed here.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use super::jwt_forgery;

/// Signs a token again before it expires.
#[derive(Clone, Debug)]
pub(crate) struct Signing {
    secret: SecretString,
    /// Time at which a token with the current claims was obtained.
    since: Instant,
    /// Lifetime of the token; `None` if it does not expire.
    lifetime: Option<Duration>,
}

impl Signing {
    /// For a token with the times of `model`, which was obtained at `since`; `None` if that is unknown.
    pub(crate) fn new(model: &str, since: Option<Instant>, secret: SecretString) -> Self {
        let lifetime = jwt_forgery::lifetime(model, since.is_some());
        Self { secret, since: since.unwrap_or_else(Instant::now), lifetime }
    }

    /// `token` with its times moved forward, if half of its lifetime is over.
    ///
    /// They are moved by the age of the token, since the clock of the target may be wrong.
    pub(crate) fn renew(&mut self, token: &SecretString, now: Instant) -> Option<SecretString> {
        let age = Duration::from_secs(now.saturating_duration_since(self.since).as_secs());
        if age.is_zero() || age < self.lifetime? / 2 {
            return None;
        }
        let renewed = jwt_forgery::postpone(token.expose_secret(), age, &self.secret).ok()?;
        self.since += age;
        Some(renewed.into())
    }

    #[cfg(test)]
    pub(crate) fn backdate(&mut self, by: Duration) {
        self.since -= by;
    }
}
