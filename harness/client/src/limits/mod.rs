//! Limits that keep a run finite and polite, whatever the target does.

mod absence;
pub(crate) mod circuit_breaker;
pub(crate) mod failed_logins;
pub(crate) mod gateway_errors;
pub(crate) mod login_pacer;
pub(crate) mod outage;
pub(crate) mod patience;
mod recent_delays;
mod recognition;
pub(crate) mod refusal_shapes;
pub(crate) mod settling;
pub(crate) mod stalls;
pub(crate) mod throttle;
mod throttle_notifications;
pub mod throttle_rules;
mod token_cache;

use std::sync::Arc;
use std::time::Duration;

pub use absence::{Absence, Awaited, AwaitedEvent};
pub use circuit_breaker::{Circuit, Permit};
pub use failed_logins::FailedLogins;
pub use recognition::ThrottleRule;
pub use throttle_notifications::ThrottleNotifications;
pub use token_cache::{TokenCache, TokenCacheError};

/// Limits of a client.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Timeout for one response, one handshake, or writing one frame.
    pub timeout: Duration,
    /// Timeout for a TCP connection, and for the TCP and TLS connection of a REST request.
    pub connect: Duration,
    /// Maximum size of a response body or frame, in bytes; longer bodies are cut, longer frames are errors.
    pub body: usize,
    /// Maximum number of concurrent requests and handshakes.
    pub in_flight: usize,
    /// Maximum delay that is respected when the target throttles; if it demands more, requests fail.
    pub longest_delay: Duration,
    /// Maximum number of attempts for a request that is throttled, or that a gateway or the connection lost; throttled
    /// logins are repeated as long as their budget lasts.
    pub attempts: u32,
    /// Maximum sum of the delays that throttling causes an actor.
    pub throttle_budget: Duration,
    /// Maximum sum of the delays that throttling causes logins.
    pub login_budget: Duration,
    /// Maximum number of logins per minute; `None` to infer the delays from throttled logins.
    pub logins_per_minute: Option<u32>,
    /// Responses that are throttles, besides those that are recognized.
    pub throttle_rules: Vec<ThrottleRule>,
    /// Age from which a rejected access token is assumed to have expired, and is refreshed.
    pub stale_after: Duration,
    /// Time from a write from which on reads must show it.
    pub longest_lag: Duration,
    /// Maximum number of frames received on one connection.
    pub frames: usize,
    /// Maximum number of bytes received on one connection.
    pub frame_bytes: usize,
    /// Whether requests to operations that never respond are skipped, and responses that are often missed are waited for
    /// briefly. Off for load runs, which keep their schedule.
    pub circuit_breaker: bool,
    /// Budget of failed logins; unlimited if `None`.
    pub failed_logins: Option<Arc<FailedLogins>>,
    /// Tokens of earlier runs; logins are not avoided if `None`.
    pub token_cache: Option<Arc<TokenCache>>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            connect: Duration::from_secs(5),
            body: 8 << 20,
            in_flight: 64,
            longest_delay: Duration::from_secs(60),
            attempts: 5,
            throttle_budget: Duration::from_secs(60),
            login_budget: Duration::from_secs(180),
            logins_per_minute: None,
            throttle_rules: Vec::new(),
            stale_after: Duration::from_secs(30),
            longest_lag: Duration::from_secs(3),
            frames: 100_000,
            frame_bytes: 64 << 20,
            circuit_breaker: false,
            failed_logins: None,
            token_cache: None,
        }
    }
}

impl Limits {
    /// The default limits with another timeout; connecting takes at most half of it.
    pub fn with_timeout(timeout: Duration) -> Self {
        let limits = Self::default();
        Self { timeout, connect: limits.connect.min(timeout / 2), ..limits }
    }
}
