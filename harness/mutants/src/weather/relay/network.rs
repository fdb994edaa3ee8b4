//! Properties of a network.

use std::time::Duration;

use crate::frame_change::FrameChange;

/// Properties of the network in front of a server; by default, it changes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::weather) struct Network {
    /// Round-trip time.
    pub(in crate::weather) latency: Duration,
    /// Maximum random delay of each piece of data.
    pub(in crate::weather) jitter: Duration,
    /// Idle time after which a connection is closed between two requests.
    pub(in crate::weather) idle_close: Option<Duration>,
    /// Every n-th reuse of a connection closes it.
    pub(in crate::weather) reuse_close: Option<u32>,
    /// Every n-th request resets its connection before it reaches the server.
    pub(in crate::weather) resets: Option<u32>,
    /// Every n-th request resets its connection instead of the response.
    pub(in crate::weather) lost_responses: Option<u32>,
    /// Time without a server at a restart.
    pub(in crate::weather) restart: Option<Duration>,
    /// Lifetime of sockets.
    pub(in crate::weather) socket_cut: Option<Duration>,
    /// Idle time after which a socket ends.
    pub(in crate::weather) socket_idle: Option<Duration>,
    /// A change of the frames of sockets.
    pub(in crate::weather) frames: Option<FrameChange>,
}

impl Network {
    /// Returns whether the network changes anything.
    pub(in crate::weather) fn is_needed(&self) -> bool {
        *self != Self::default()
    }

    /// A delay of data in one direction.
    pub(super) fn delay(&self) -> Duration {
        self.latency / 2 + self.jitter.mul_f64(fastrand::f64())
    }
}
