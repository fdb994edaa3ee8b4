//! Hearing that the target throttles: a run that waits is not one that hangs.

use hearback_history::{Event, EventKind, Nanoseconds, Sink};

/// Tells of each wait that the target asks for, once for all calls and handshakes that it holds up.
pub struct ThrottleNotifications<F> {
    /// Hears how long it is, in seconds.
    told: F,
    /// When the one that was told last is over.
    over: Nanoseconds,
}

impl<F: FnMut(f64) + Send> ThrottleNotifications<F> {
    /// Nothing is told yet; `told` will hear how long each wait is, in seconds, and must not wait itself.
    pub fn new(told: F) -> Self {
        Self { told, over: Nanoseconds::ZERO }
    }
}

impl<F: FnMut(f64) + Send> Sink for ThrottleNotifications<F> {
    fn accept(&mut self, event: &Event) {
        let (EventKind::Returned { throttled_s: Some(wait), .. }
        | EventKind::ConnectFailed { throttled_s: Some(wait), .. }) = event.kind
        else {
            return;
        };
        if event.at >= self.over {
            self.over = event.at.saturating_add(Nanoseconds::from_secs_f64(wait));
            (self.told)(wait);
        }
    }
}

#[cfg(test)]
mod tests {
    use hearback_history::{CallId, ConnectionId, Payload};

    use super::*;

    #[test]
    fn each_wait_is_told_once() {
        let mut told = Vec::new();
        let mut waits = ThrottleNotifications::new(|wait| told.push(wait));
        for (at_s, throttled_s) in [(1, None), (1, Some(12.0)), (2, Some(11.0)), (14, Some(1.0))] {
            let kind = EventKind::Returned {
                call: CallId(1),
                status: 429,
                content_type: None,
                throttled_s,
                body: Payload::from_bytes(Vec::new()),
                truncated: false,
            };
            waits.accept(&Event { seq: 0, at: Nanoseconds::from_millis(at_s * 1_000), kind });
        }
        assert_eq!(told, [12.0, 1.0]);

        let mut told = Vec::new();
        let kind = EventKind::ConnectFailed {
            connection: ConnectionId(1),
            status: Some(403),
            throttled_s: Some(2.5),
            error: "throttled".to_owned(),
        };
        ThrottleNotifications::new(|wait| told.push(wait)).accept(&Event {
            seq: 0,
            at: Nanoseconds::ZERO,
            kind,
        });
        assert_eq!(told, [2.5]);
    }
}
