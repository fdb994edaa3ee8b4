//! The one place through which events pass on their way to whoever wants them.

use std::time::Instant;

use parking_lot::Mutex;

use crate::event::{CallId, ConnectionId, Event, EventKind, Nanoseconds};
use crate::redaction::Redactor;

/// Somebody who wants the events of a run; they come in order, one at a time, without secrets.
pub trait Sink: Send {
    /// Takes an event. Must be quick: the whole run waits meanwhile.
    fn accept(&mut self, event: &Event);
}

impl Sink for Vec<Event> {
    fn accept(&mut self, event: &Event) {
        self.push(event.clone());
    }
}

impl<S: Sink> Sink for std::sync::Arc<Mutex<S>> {
    fn accept(&mut self, event: &Event) {
        self.lock().accept(event);
    }
}

/// Stamps events with position and time, takes secrets out, and hands them on.
pub struct Recorder {
    clock: Instant,
    state: Mutex<State>,
}

struct State {
    redactor: Redactor,
    sinks: Vec<Box<dyn Sink>>,
    events: u64,
    calls: u64,
    connections: u64,
}

impl Recorder {
    /// Starts the clock.
    pub fn new(sinks: Vec<Box<dyn Sink>>) -> Self {
        Self {
            clock: Instant::now(),
            state: Mutex::new(State {
                redactor: Redactor::default(),
                sinks,
                events: 0,
                calls: 0,
                connections: 0,
            }),
        }
    }

    /// Records that something happened now.
    pub fn record(&self, mut kind: EventKind) -> Nanoseconds {
        let mut state = self.state.lock();
        state.redactor.event(&mut kind);
        // Read under the lock, so that positions and times agree.
        let at = self.now();
        let event = Event { seq: state.events, at, kind };
        state.events += 1;
        for sink in &mut state.sinks {
            sink.accept(&event);
        }
        at
    }

    /// Time since the run began.
    pub fn now(&self) -> Nanoseconds {
        u64::try_from(self.clock.elapsed().as_nanos()).unwrap_or(Nanoseconds::MAX)
    }

    /// Has `secret` replaced by `label` in everything recorded from now on.
    pub fn register_secret(&self, secret: &str, label: &str) {
        self.state.lock().redactor.register(secret, label);
    }

    /// `text` without the secrets known so far: for errors that are shown, not recorded.
    pub fn redacted(&self, text: &str) -> String {
        self.state.lock().redactor.text(text).into_owned()
    }

    /// A number for the next call.
    pub fn next_call(&self) -> CallId {
        let mut state = self.state.lock();
        state.calls += 1;
        CallId(state.calls)
    }

    /// A number for the next connection.
    pub fn next_connection(&self) -> ConnectionId {
        let mut state = self.state.lock();
        state.connections += 1;
        ConnectionId(state.connections)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::event::RunEnd;

    #[test]
    fn positions_and_times_never_go_back() {
        let events = Arc::new(Mutex::new(Vec::new()));
        let recorder = Arc::new(Recorder::new(vec![Box::new(events.clone())]));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        recorder.record(EventKind::RunEnded(RunEnd::Completed));
                    }
                });
            }
        });
        let events = events.lock();
        assert_eq!(events.len(), 400);
        assert!(
            events
                .windows(2)
                .all(|pair| pair[0].seq + 1 == pair[1].seq && pair[0].at <= pair[1].at)
        );
    }
}
