//! What all actors of a run share.

use std::sync::Arc;
use std::time::Duration;

use hearback_history::{EventKind, Recorder};
use reqwest::redirect;
use rustls_platform_verifier::BuilderVerifierExt as _;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::accounts::Account;
use crate::actor::Actor;
use crate::failure::Failure;
use crate::limits::circuit_breaker::{Asked, Permit, Silence};
use crate::limits::throttle::Throttle;
use crate::target::Target;

/// How hearback introduces itself.
pub(crate) const USER_AGENT: &str = concat!("hearback/", env!("CARGO_PKG_VERSION"));

/// The bounds that keep a run finite, whatever the target does.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long a response, a handshake, or the writing of a frame may take.
    pub timeout: Duration,
    /// How long a TCP connection with TLS may take.
    pub connect: Duration,
    /// Longest response body kept, and longest frame accepted, in bytes.
    pub body: usize,
    /// Most requests and handshakes in flight at once.
    pub in_flight: usize,
    /// Longest wait for a throttle at a time; one that asks for more is given up.
    pub longest_wait: Duration,
    /// How often a throttled request is tried in all.
    pub attempts: u32,
    /// Age at which a refused access token is refreshed instead of believed to be refused.
    pub stale_after: Duration,
    /// Most frames taken from one connection.
    pub frames: usize,
    /// Most bytes taken from one connection.
    pub frame_bytes: usize,
    /// Whether what is never answered is asked for now and then only. Not for a load, which keeps to its
    /// schedule.
    pub spares_silence: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            connect: Duration::from_secs(5),
            body: 8 << 20,
            in_flight: 64,
            longest_wait: Duration::from_secs(60),
            attempts: 5,
            stale_after: Duration::from_secs(30),
            frames: 100_000,
            frame_bytes: 64 << 20,
            spares_silence: false,
        }
    }
}

impl Limits {
    /// The default limits with another timeout; connecting gets at most half of it.
    #[must_use]
    pub fn with_timeout(timeout: Duration) -> Self {
        let limits = Self::default();
        Self { timeout, connect: limits.connect.min(timeout / 2), ..limits }
    }
}

/// A client that cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The HTTP client.
    #[error("the HTTP client cannot be built")]
    Client(#[from] reqwest::Error),
    /// The TLS client: most often there are no root certificates.
    #[error("the TLS client cannot be built")]
    Tls(#[from] rustls::Error),
}

/// The way to one target; everything sent and received goes through its recorder.
pub struct Client {
    pub(crate) target: Target,
    pub(crate) http: reqwest::Client,
    /// Only for a target with TLS sockets: loading the system's certificates takes time.
    pub(crate) tls: Option<Arc<rustls::ClientConfig>>,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) limits: Limits,
    pub(crate) throttle: Throttle,
    pub(crate) circuit_breaker: Silence,
    pub(crate) jwt_secret: Option<SecretString>,
    in_flight: Semaphore,
}

impl Client {
    /// A driver without connections yet. With the target's `jwt_secret`, expired tokens can be forged.
    pub fn new(
        target: Target,
        recorder: Arc<Recorder>,
        limits: Limits,
        jwt_secret: Option<SecretString>,
    ) -> Result<Arc<Self>, ClientError> {
        let mut http = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .timeout(limits.timeout)
            .connect_timeout(limits.connect)
            .redirect(redirect::Policy::none())
            .referer(false)
            // One recorded call is one request.
            .retry(reqwest::retry::never());
        if target.is_loopback() {
            http = http.no_proxy();
        }
        if let Some(secret) = &jwt_secret {
            recorder.register_secret(secret.expose_secret(), "JWT secret");
        }
        Ok(Arc::new(Self {
            http: http.build()?,
            tls: (target.socket().scheme() == "wss").then(tls_client).transpose()?,
            throttle: Throttle::new(limits.longest_wait),
            circuit_breaker: Silence::new(limits.spares_silence),
            in_flight: Semaphore::new(limits.in_flight),
            target,
            recorder,
            limits,
            jwt_secret,
        }))
    }

    /// An actor for `account`; recorded as known, with its secrets out of the record from now on.
    pub fn actor(self: &Arc<Self>, account: Account) -> Actor {
        account.register_secrets(&self.recorder);
        self.recorder
            .record(EventKind::ActorKnown { actor: account.username.clone(), user_id: account.id });
        Actor::new(self.clone(), account)
    }

    /// The target.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Where everything is recorded.
    pub fn recorder(&self) -> &Arc<Recorder> {
        &self.recorder
    }

    /// The bounds.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Leave to ask for something that may be left unanswered; see [`silence`](crate::limits::circuit_breaker).
    ///
    /// # Errors
    /// If nothing answers this, as far as is known.
    pub fn ask(&self, asked: Asked) -> Result<Permit<'_>, Failure> {
        self.circuit_breaker.ask(Some(asked))
    }

    /// Notes whether an answer came to something that was asked for before.
    pub fn note(&self, asked: Asked, is_answered: bool) {
        let question = self.circuit_breaker.question(Some(asked));
        if is_answered { question.answered() } else { question.unanswered() }
    }

    /// ThrottleNotifications for a place among the requests in flight, and for the throttle to end.
    ///
    /// # Errors
    /// If the throttle ends later than anybody waits.
    pub(crate) async fn admission(&self) -> Result<SemaphorePermit<'_>, Failure> {
        let permit = self.in_flight.acquire().await.expect("the semaphore is never closed");
        self.throttle.pass().await?;
        Ok(permit)
    }
}

fn tls_client() -> Result<Arc<rustls::ClientConfig>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    Ok(Arc::new(config))
}
