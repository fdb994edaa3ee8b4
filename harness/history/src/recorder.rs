//! The recorder: stamps events, redacts secrets and passes events to sinks.

use std::time::Instant;

use parking_lot::{Mutex, RwLock};

use crate::event::{Event, EventKind};
use crate::names::{CallId, ConnectionId};
use crate::nanoseconds::Nanoseconds;
use crate::redaction::Redactor;
use crate::storage::Storage;

/// A consumer of the events of a run, in order, without secrets.
pub trait Sink: Send {
    /// Receives an event. The whole run waits until this returns.
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

/// Stamps events with position and time, redacts secrets, and passes the events to sinks.
pub struct Recorder {
    clock: Instant,
    storage: Storage,
    /// Apart from the state: texts are redacted by whoever logs them, even while a sink receives an event.
    redactor: RwLock<Redactor>,
    state: Mutex<State>,
}

struct State {
    sinks: Vec<Box<dyn Sink>>,
    events: u64,
    calls: u64,
    connections: u64,
}

impl Recorder {
    /// A recorder whose clock starts now.
    pub fn new(sinks: Vec<Box<dyn Sink>>) -> Self {
        Self {
            clock: Instant::now(),
            storage: Storage::default(),
            redactor: RwLock::default(),
            state: Mutex::new(State { sinks, events: 0, calls: 0, connections: 0 }),
        }
    }

    /// Records an event with the current time, which is returned.
    pub fn record(&self, mut kind: EventKind) -> Nanoseconds {
        self.storage.charge(&kind);
        self.redactor.read().event(&mut kind);
        let mut state = self.state.lock();
        // Read under the lock, so that positions and times agree.
        let at = self.now();
        let event = Event { seq: state.events, at, kind };
        state.events += 1;
        for sink in &mut state.sinks {
            sink.accept(&event);
        }
        at
    }

    /// Counts what the run keeps.
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// Time since the run began.
    pub fn now(&self) -> Nanoseconds {
        self.clock.elapsed().into()
    }

    /// Replaces `secret` with `label` in every event recorded from now on.
    pub fn register_secret(&self, secret: &str, label: &str) {
        self.redactor.write().register(secret, label);
    }

    /// `text` without the secrets registered so far, for errors that are shown but not recorded.
    pub fn redacted(&self, text: &str) -> String {
        self.redactor.read().text(text).into_owned()
    }

    /// Number of the next call.
    pub fn next_call(&self) -> CallId {
        let mut state = self.state.lock();
        state.calls += 1;
        CallId(state.calls)
    }

    /// Number of the next connection.
    pub fn next_connection(&self) -> ConnectionId {
        let mut state = self.state.lock();
        state.connections += 1;
        ConnectionId(state.connections)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::time::Duration;

    use super::*;
    use crate::run::RunEnd;

    #[test]
    fn positions_and_times_are_monotonic() {
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
    /// A sink that reports each event, and then waits.
    struct Blocking {
        entered: Sender<()>,
        released: Receiver<()>,
    }

    impl Sink for Blocking {
        fn accept(&mut self, _: &Event) {
            self.entered.send(()).unwrap();
            // An error: the test has ended.
            self.released.recv().ok();
        }
    }

    #[test]
    fn texts_are_redacted_while_a_sink_receives_an_event() {
        let (entered, sink_entered) = channel();
        let (release, released) = channel();
        let recorder = Arc::new(Recorder::new(vec![Box::new(Blocking { entered, released })]));
        let recording = recorder.clone();
        std::thread::spawn(move || recording.record(EventKind::RunEnded(RunEnd::Completed)));
        sink_entered.recv().unwrap();
        let (redacted, text) = channel();
        std::thread::spawn(move || {
            recorder.register_secret("correct horse battery", "password");
            redacted.send(recorder.redacted("a correct horse battery")).unwrap();
        });
        let text = text.recv_timeout(Duration::from_secs(30));
        release.send(()).unwrap();
        assert_eq!(text.as_deref(), Ok("a [password]"));
    }
}
