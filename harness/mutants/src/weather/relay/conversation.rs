//! The state of one connection, as the relay sees it.

use std::time::Duration;

use tokio::time::Instant;

use super::shared::Shared;

/// First bytes of the response to a handshake.
const UPGRADE: &[u8] = b"HTTP/1.1 101";

/// The end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Both sides are closed in order.
    Close,
    /// The side of the client is reset.
    Reset,
}

/// The state of one connection.
pub(super) struct Conversation {
    requests: u32,
    is_awaiting: bool,
    loses_response: bool,
    /// Time of the upgrade to a socket.
    upgraded: Option<Instant>,
    /// Time at which the last data arrived or arrives at its receiver.
    active: Instant,
}

impl Conversation {
    pub(super) fn new() -> Self {
        Self {
            requests: 0,
            is_awaiting: false,
            loses_response: false,
            upgraded: None,
            active: Instant::now(),
        }
    }

    /// Takes data of the client; data after a response begins a request.
    pub(super) fn sent(&mut self, shared: &Shared) -> Option<End> {
        self.active = Instant::now();
        if self.upgraded.is_some() || self.is_awaiting {
            return None;
        }
        self.is_awaiting = true;
        self.requests += 1;
        let network = &shared.network;
        if self.requests > 1 && shared.fires(shared.next_reuse(), network.reuse_close) {
            return Some(End::Close);
        }
        let number = shared.next_request();
        if shared.restarts_at(number) {
            shared.restarts.send_modify(|restarts| *restarts += 1);
            return Some(End::Reset);
        }
        if shared.fires(number, network.resets) {
            return Some(End::Reset);
        }
        self.loses_response = shared.fires(number, network.lost_responses);
        None
    }

    /// Takes data of the server, which arrives at the client later.
    pub(super) fn received(&mut self, data: &[u8], arrival: Instant) -> Option<End> {
        // A connection is not idle while data is on its way.
        self.active = arrival;
        if self.loses_response {
            return Some(End::Reset);
        }
        if self.is_awaiting && data.starts_with(UPGRADE) {
            self.upgraded = Some(self.active);
        }
        self.is_awaiting = false;
        None
    }

    /// Time at which the connection ends if nothing happens before.
    pub(super) fn deadline(&self, shared: &Shared) -> Option<Instant> {
        let network = &shared.network;
        let after = |moment: Instant, time: Option<Duration>| time.map(|time| moment + time);
        match self.upgraded {
            Some(upgraded) => {
                let ends =
                    [after(upgraded, network.socket_cut), after(self.active, network.socket_idle)];
                ends.into_iter().flatten().min()
            }
            None if self.is_awaiting || self.requests == 0 => None,
            None => after(self.active, network.idle_close),
        }
    }
}
