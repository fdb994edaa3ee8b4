//! Telling that the target throttles: a run that waits is not one that hangs.

use hearback_history::{Event, EventKind, Nanoseconds, Sink};

use super::Progress;

/// Says once for each throttle how long it lasts.
pub(super) struct Throttles {
    progress: Progress,
    /// When the one that was told last is over.
    over: Nanoseconds,
}

impl Throttles {
    /// Nothing is told yet.
    pub(super) fn new(progress: Progress) -> Self {
        Self { progress, over: 0 }
    }

    /// What is to be said of an event, if it is a new throttle's.
    fn told(&mut self, event: &Event) -> Option<String> {
        let EventKind::Returned { throttled_s: Some(wait), .. } = event.kind else { return None };
        if event.at < self.over {
            return None;
        }
        self.over = event.at + (wait * 1e9) as Nanoseconds;
        Some(format!("the target throttles, and asks to wait {wait:.0} s"))
    }
}

impl Sink for Throttles {
    fn accept(&mut self, event: &Event) {
        if let Some(text) = self.told(event) {
            self.progress.say(&text);
        }
    }
}

#[cfg(test)]
mod tests {
    use hearback_history::{CallId, Payload};

    use super::*;

    #[test]
    fn each_throttle_is_told_once() {
        let mut throttles = Throttles::new(Progress::new(1, true));
        let mut told = |at_s: u64, throttled_s| {
            let kind = EventKind::Returned {
                call: CallId(1),
                status: 429,
                content_type: None,
                throttled_s,
                body: Payload::from_bytes(Vec::new()),
                truncated: false,
            };
            throttles.told(&Event { seq: 0, at: at_s * 1_000_000_000, kind })
        };
        assert_eq!(told(1, None), None);
        let text = told(1, Some(12.0)).unwrap();
        assert_eq!(text, "the target throttles, and asks to wait 12 s");
        assert_eq!(told(2, Some(12.0)), None);
        assert!(told(14, Some(1.0)).is_some());
    }
}
