//! The state that all connections of a relay share.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::watch;

use super::network::Network;

/// Number of requests between two restarts.
const RESTART_EVERY: u32 = 300;

/// The state that all connections share.
pub(super) struct Shared {
    pub(super) network: Network,
    pub(super) upstream: SocketAddr,
    pub(super) requests: AtomicU32,
    pub(super) reuses: AtomicU32,
    /// Changes whenever the server restarts.
    pub(super) restarts: watch::Sender<u32>,
}

impl Shared {
    /// Counts a request; true for every n-th, and never without a number.
    pub(super) fn fires(&self, requests: u32, every: Option<u32>) -> bool {
        every.is_some_and(|every| requests.is_multiple_of(every))
    }

    pub(super) fn next_request(&self) -> u32 {
        self.requests.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(super) fn next_reuse(&self) -> u32 {
        self.reuses.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Returns whether the server restarts at this request.
    pub(super) fn restarts_at(&self, requests: u32) -> bool {
        self.network.restart.is_some() && requests.is_multiple_of(RESTART_EVERY)
    }
}
