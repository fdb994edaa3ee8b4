//! The parts of a deployment, besides its server.

use std::time::Duration;

use hearback_reference::delivery::Closing;

use super::interruption::Interruption;
use super::relay::Network;
use super::replica::ReplicaSpec;
use super::sessions::SessionPolicy;

/// The parts of a deployment that weather adds; none by default.
#[derive(Clone, Default)]
pub(super) struct Setup {
    /// The network between clients and the server.
    pub(super) network: Network,
    /// Responses of a gateway or a throttle instead of the server's.
    pub(super) interruptions: Vec<Interruption>,
    /// Time over which the body of each response arrives.
    pub(super) drip: Option<Duration>,
    /// Lifetime of access tokens, if it differs from that of the server.
    pub(super) access_lifetime: Option<Duration>,
    /// Tokens that become invalid before they expire.
    pub(super) sessions: SessionPolicy,
    /// Copies of the server that respond to some reads.
    pub(super) replicas: Vec<ReplicaSpec>,
    /// Lifetimes of sockets, and how the server ends them.
    pub(super) socket_ends: Vec<(Duration, Closing)>,
}
