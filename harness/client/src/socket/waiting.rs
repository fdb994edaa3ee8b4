//! Waiting for events on a socket.

use std::future;
use std::time::Duration;

use hearback_history::json_extent;
use serde_json::Value;
use tokio::time::Instant;

use super::shared::Socket;
use crate::limits::{Awaited, AwaitedEvent};

impl Socket {
    /// Waits for a JSON frame from position `from` that `wanted` accepts, and returns it with its position.
    ///
    /// `None` after `timeout`, or when the connection has ended.
    pub async fn wait_for(
        &self,
        from: usize,
        timeout: Duration,
        mut wanted: impl FnMut(&Value) -> bool,
    ) -> Option<(usize, Value)> {
        self.find(from, timeout, |_, value| wanted(value)).await
    }

    pub(super) async fn find(
        &self,
        from: usize,
        timeout: Duration,
        mut wanted: impl FnMut(usize, &Value) -> bool,
    ) -> Option<(usize, Value)> {
        let mut position = from;
        let search = async {
            loop {
                // Registered first, so that no frame is missed that arrives during the search.
                let changed = self.shared.changed.notified();
                let closed = self.is_closed();
                while let Some(frame) = self.frame(position) {
                    if let Some(value) = json_extent::parse(frame.as_bytes())
                        && wanted(position, &value)
                    {
                        return Some((position, value));
                    }
                    position += 1;
                }
                if closed {
                    return None;
                }
                changed.await;
            }
        };
        self.shared.client.stalls.timeout(timeout, search).await.flatten()
    }

    /// Waits for an event of a kind, as [`wait_for`](Self::wait_for) does; for a shorter time once events of the kind
    /// were missed several times. `wanted` receives the position as well.
    pub async fn wait_for_event(
        &self,
        kind: AwaitedEvent,
        from: usize,
        timeout: Duration,
        mut wanted: impl FnMut(usize, &Value) -> bool,
    ) -> Awaited<(usize, Value)> {
        let absence = self.shared.client.absence();
        let started = Instant::now();
        let patience = absence.patience(kind, timeout);
        let mut found = None;
        let mut is_whole = patience == timeout;
        if is_whole {
            tokio::select! {
                biased;
                it = self.find(from, timeout, &mut wanted) => found = it,
                () = absence.given_up(kind) => is_whole = false,
            }
        }
        if !is_whole {
            let left = absence.patience(kind, timeout).saturating_sub(started.elapsed());
            found = self.find(from, left, &mut wanted).await;
            is_whole = started.elapsed() >= timeout;
        }
        match found {
            Some(event) => {
                absence.arrived(kind, started.elapsed());
                Awaited::Arrived(event)
            }
            None if self.is_closed() => Awaited::Missed,
            None if is_whole => {
                absence.missed(kind);
                Awaited::Missed
            }
            None => {
                absence.abandoned(kind);
                Awaited::Abandoned
            }
        }
    }

    /// Completes a short time after the connection has ended, or received a frame from position `from` that
    /// `is_refusal` accepts, without one that `is_wanted` accepts; never if such a frame arrives first.
    ///
    /// The target then hardly accepted the last frame of the socket, so that no other socket will receive it.
    pub async fn refused(
        &self,
        from: usize,
        timeout: Duration,
        mut is_wanted: impl FnMut(usize, &Value) -> bool,
        is_refusal: impl Fn(&Value) -> bool,
    ) {
        let is_either =
            |position: usize, event: &Value| is_wanted(position, event) || is_refusal(event);
        let found = self.find(from, timeout, is_either).await;
        if found.is_some_and(|(position, event)| is_wanted(position, &event)) {
            return future::pending().await;
        }
        tokio::time::sleep(self.shared.client.absence().short_wait(timeout)).await;
    }
}
