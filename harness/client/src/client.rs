//! The client of one target, shared by all actors of a run.

use std::sync::Arc;
use std::time::Duration;

use hearback_history::{ActorName, Attempt, EventKind, Excuse, Recorder};
use jiff::Timestamp;
use parking_lot::Mutex;
use reqwest::redirect;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::connection::USER_AGENT;
use crate::failure::Failure;
use crate::limits::circuit_breaker::CircuitBreaker;
use crate::limits::gateway_errors::GatewayErrors;
use crate::limits::login_pacer::LoginPacer;
use crate::limits::outage::Outage;
use crate::limits::patience::Patience;
use crate::limits::refusal_shapes::RefusalShapes;
use crate::limits::settling::Settling;
use crate::limits::stalls::{self, Stalls};
use crate::limits::throttle::{Scope, Throttle};
use crate::limits::{Absence, Circuit, Limits, Permit};
use crate::ownership::Ledger;
use crate::ownership::clock::TargetClock;
use crate::target::Target;

/// Error of building a client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The HTTP client could not be built.
    #[error("the HTTP client could not be built")]
    Http(#[from] reqwest::Error),
    /// The TLS client could not be built, usually because the system has no root certificates.
    #[error("the TLS client could not be built")]
    Tls(#[from] rustls::Error),
    /// A proxy variable of the environment names a proxy of another protocol than HTTP.
    #[error(
        "unsupported proxy {0}: only http:// and https:// are supported; set --proxy or NO_PROXY"
    )]
    Proxy(String),
}

/// The name and the password of a login that succeeded.
#[derive(Clone, Debug)]
pub(crate) struct ProvenLogin {
    pub(crate) actor: ActorName,
    pub(crate) password: SecretString,
}

/// A client of one target; its recorder records everything sent and received.
pub struct Client {
    pub(crate) target: Target,
    pub(crate) http: reqwest::Client,
    /// Only if sockets use TLS, to the target or to a proxy.
    pub(crate) tls: Option<Arc<rustls::ClientConfig>>,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) limits: Limits,
    pub(crate) throttle: Throttle,
    pub(crate) login_pacer: LoginPacer,
    pub(crate) refusals: RefusalShapes,
    pub(crate) gateway_errors: GatewayErrors,
    pub(crate) settling: Settling,
    pub(crate) outage: Outage,
    pub(crate) absence: Absence,
    pub(crate) patience: Patience,
    pub(crate) stalls: Arc<Stalls>,
    /// The last login that succeeded, if any did.
    pub(crate) proven_login: Mutex<Option<ProvenLogin>>,
    pub(crate) circuit_breaker: CircuitBreaker,
    pub(crate) jwt_secret: Option<SecretString>,
    pub(crate) ownership: Ledger,
    pub(crate) clock: TargetClock,
    /// Time from which on the run can have created something.
    pub(crate) started_at: Timestamp,
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
            .connect_timeout(limits.connect)
            .redirect(redirect::Policy::none())
            .referer(false)
            // Other crates of a build may switch the decoders on.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            // One recorded call is one request.
            .retry(reqwest::retry::never());
        let connection = target.connection();
        let mut is_encrypted = false;
        for url in [target.rest(), target.socket()] {
            let proxy = connection.proxy(url);
            if let Some(proxy) = proxy.as_ref().filter(|proxy| !proxy.is_supported()) {
                return Err(ClientError::Proxy(proxy.url()));
            }
            is_encrypted |= matches!(url.scheme(), "https" | "wss")
                || proxy.is_some_and(|proxy| proxy.is_encrypted());
        }
        let mut tls = connection.tls_of_requests(is_encrypted)?;
        http = connection.configure(http.tls_backend_preconfigured(tls.clone()), target.rest())?;
        connection.register_secrets(&recorder);
        if let Some(secret) = &jwt_secret {
            recorder.register_secret(secret.expose_secret(), "JWT secret");
        }
        let client = Arc::new(Self {
            http: http.build()?,
            tls: is_encrypted.then(|| {
                // WebSocket begins with HTTP/1.1.
                tls.alpn_protocols = vec![b"http/1.1".to_vec()];
                Arc::new(tls)
            }),
            throttle: Throttle::new(&limits),
            login_pacer: LoginPacer::new(limits.logins_per_minute),
            refusals: RefusalShapes::default(),
            gateway_errors: GatewayErrors::default(),
            settling: Settling::default(),
            outage: Outage::default(),
            absence: Absence::default(),
            patience: Patience::default(),
            stalls: Arc::default(),
            proven_login: Mutex::default(),
            circuit_breaker: CircuitBreaker::new(limits.circuit_breaker),
            in_flight: Semaphore::new(limits.in_flight),
            target,
            recorder,
            limits,
            jwt_secret,
            ownership: Ledger::default(),
            clock: TargetClock::default(),
            started_at: Timestamp::now(),
        });
        // Without a runtime nothing is sent.
        if let Ok(runtime) = Handle::try_current() {
            let recorder = Arc::downgrade(&client.recorder);
            runtime.spawn(stalls::watch(Arc::downgrade(&client.stalls), recorder));
        }
        Ok(client)
    }

    /// The target.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The ledger of everything that the run created at the target.
    pub fn ownership(&self) -> &Ledger {
        &self.ownership
    }

    /// The recorder.
    pub fn recorder(&self) -> &Arc<Recorder> {
        &self.recorder
    }

    /// The limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The events that arrived and that were missed.
    pub fn absence(&self) -> &Absence {
        &self.absence
    }

    /// Time until the target accepts requests of an actor again; zero unless it throttles them.
    pub fn throttled_for(&self, actor: &ActorName) -> Duration {
        self.throttle.remaining(&Scope::Actor(actor.clone()))
    }

    /// Returns whether a login would be sent at once: neither the target nor the options limit logins now.
    pub fn logins_are_free(&self) -> bool {
        self.throttle.remaining(&Scope::Logins).is_zero() && self.login_pacer.is_free()
    }

    /// A permit of the [circuit breaker](crate::limits) for a request that may never be answered.
    ///
    /// # Errors
    /// If the circuit is open.
    pub fn permit(&self, circuit: Circuit) -> Result<Permit<'_>, Failure> {
        self.circuit_breaker.permit(Some(circuit))
    }

    /// Permits a probe of an open circuit before its time.
    pub fn allow_probe(&self, circuit: Circuit) {
        self.circuit_breaker.allow_probe(circuit);
    }

    /// Records in the circuit breaker whether there was a response to a request sent before.
    pub fn record_outcome(&self, circuit: Circuit, is_answered: bool) {
        let permit = self.circuit_breaker.sent(Some(circuit));
        if is_answered { permit.succeeded() } else { permit.timed_out() }
    }

    /// Ends every wait for a throttled target; requests that would wait fail from now on.
    pub fn cancel_waits(&self) {
        self.throttle.cancel();
    }

    /// Records that an earlier response, or its absence, says nothing about the API.
    pub(crate) fn excuse(&self, attempt: Attempt, reason: Excuse) {
        self.recorder.record(EventKind::Excused { attempt, reason });
    }

    /// Waits until throttling ends, and until fewer than the maximum number of requests are in flight.
    ///
    /// # Errors
    /// If throttling exceeds the limits.
    pub(crate) async fn admission(&self, scope: &Scope) -> Result<SemaphorePermit<'_>, Failure> {
        self.throttle.wait(scope).await?;
        Ok(self.in_flight.acquire().await.expect("the semaphore is never closed"))
    }
}
