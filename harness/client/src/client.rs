//! The client of one target, shared by all actors of a run.

use std::sync::Arc;

use hearback_history::Recorder;
use reqwest::redirect;
use rustls_platform_verifier::BuilderVerifierExt as _;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::failure::Failure;
use crate::limits::circuit_breaker::CircuitBreaker;
use crate::limits::throttle::Throttle;
use crate::limits::{Circuit, Limits, Permit};
use crate::target::Target;

/// The `User-Agent` of all requests and handshakes.
pub(crate) const USER_AGENT: &str = concat!("hearback/", env!("CARGO_PKG_VERSION"));

/// Error of building a client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The HTTP client could not be built.
    #[error("the HTTP client could not be built")]
    Http(#[from] reqwest::Error),
    /// The TLS client could not be built, usually because the system has no root certificates.
    #[error("the TLS client could not be built")]
    Tls(#[from] rustls::Error),
}

/// A client of one target; its recorder records everything sent and received.
pub struct Client {
    pub(crate) target: Target,
    pub(crate) http: reqwest::Client,
    /// Only for a target with TLS sockets: loading the certificates of the system takes time.
    pub(crate) tls: Option<Arc<rustls::ClientConfig>>,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) limits: Limits,
    pub(crate) throttle: Throttle,
    pub(crate) circuit_breaker: CircuitBreaker,
    pub(crate) jwt_secret: Option<SecretString>,
    in_flight: Semaphore,
}

impl Client {
    /// A client without connections; with the JWT secret of the target, expired tokens can be forged.
    ///
    /// # Errors
    /// If the HTTP client or the TLS client cannot be built.
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
            throttle: Throttle::new(limits.longest_delay),
            circuit_breaker: CircuitBreaker::new(limits.circuit_breaker),
            in_flight: Semaphore::new(limits.in_flight),
            target,
            recorder,
            limits,
            jwt_secret,
        }))
    }

    /// The target.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The recorder.
    pub fn recorder(&self) -> &Arc<Recorder> {
        &self.recorder
    }

    /// The limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// A permit of the [circuit breaker](crate::limits) for a request that may never be answered.
    ///
    /// # Errors
    /// If the circuit is open.
    pub fn permit(&self, circuit: Circuit) -> Result<Permit<'_>, Failure> {
        self.circuit_breaker.permit(Some(circuit))
    }

    /// Records in the circuit breaker whether there was a response to a request sent before.
    pub fn record_outcome(&self, circuit: Circuit, is_answered: bool) {
        let permit = self.circuit_breaker.sent(Some(circuit));
        if is_answered { permit.succeeded() } else { permit.timed_out() }
    }

    /// Waits until fewer than the maximum number of requests are in flight, and until throttling ends.
    ///
    /// # Errors
    /// If throttling lasts longer than [`Limits::longest_delay`].
    pub(crate) async fn admission(&self) -> Result<SemaphorePermit<'_>, Failure> {
        let permit = self.in_flight.acquire().await.expect("the semaphore is never closed");
        self.throttle.wait().await?;
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
