//! Throttle notifications, which distinguish a waiting run from a hanging one.

use hearback_history::{Event, EventKind, Nanoseconds, Sink};

/// A sink that reports each delay that the target demands, once for all calls and handshakes that wait for it.
pub struct ThrottleNotifications<F> {
    report: F,
    /// End of the delay reported last.
    until: Nanoseconds,
}

impl<F: FnMut(f64) + Send> ThrottleNotifications<F> {
    /// A sink that calls `report` with each delay, in seconds; `report` must not block.
    pub fn new(report: F) -> Self {
        Self { report, until: Nanoseconds::ZERO }
    }
}

impl<F: FnMut(f64) + Send> Sink for ThrottleNotifications<F> {
    fn accept(&mut self, event: &Event) {
        let (EventKind::Returned { throttled_s: Some(delay), .. }
        | EventKind::ConnectFailed { throttled_s: Some(delay), .. }) = event.kind
        else {
            return;
        };
        if event.at >= self.until {
            self.until = event.at.saturating_add(Nanoseconds::from_secs_f64(delay));
            (self.report)(delay);
        }
    }
}

#[cfg(test)]
mod tests {
    use hearback_history::{CallId, ConnectionId, Payload};

    use super::*;

    #[test]
    fn each_delay_is_reported_once() {
        let mut reported = Vec::new();
        let mut notifications = ThrottleNotifications::new(|delay| reported.push(delay));
        for (at_s, throttled_s) in [(1, None), (1, Some(12.0)), (2, Some(11.0)), (14, Some(1.0))] {
            let kind = EventKind::Returned {
                call: CallId(1),
                status: 429,
                content_type: None,
                headers: Vec::new(),
                throttled_s,
                body: Payload::from_bytes(Vec::new()),
                truncated: false,
            };
            notifications.accept(&Event {
                seq: 0,
                at: Nanoseconds::from_millis(at_s * 1_000),
                kind,
            });
        }
        assert_eq!(reported, [12.0, 1.0]);
    }

    #[test]
    fn delays_of_handshakes_are_reported() {
        let mut reported = Vec::new();
        let kind = EventKind::ConnectFailed {
            connection: ConnectionId(1),
            status: Some(403),
            throttled_s: Some(2.5),
            error: "throttled".to_owned(),
        };
        ThrottleNotifications::new(|delay| reported.push(delay)).accept(&Event {
            seq: 0,
            at: Nanoseconds::ZERO,
            kind,
        });
        assert_eq!(reported, [2.5]);
    }
}
