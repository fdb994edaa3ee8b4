//! The filter for the traffic of sampled rooms.

use std::collections::HashSet;

use hearback_history::{CallId, ConnectionId, Event, EventKind, ScenarioName, Sink};

/// Passes on the events of sampled rooms, and those about the run and its actors.
pub struct SampledRooms {
    scenarios: HashSet<ScenarioName>,
    calls: HashSet<CallId>,
    connections: HashSet<ConnectionId>,
    sink: Box<dyn Sink>,
}

impl SampledRooms {
    /// A filter in front of `sink` for the rooms whose traffic is recorded under `scenarios`.
    pub fn new(scenarios: HashSet<ScenarioName>, sink: Box<dyn Sink>) -> Self {
        Self { scenarios, calls: HashSet::new(), connections: HashSet::new(), sink }
    }

    fn wants(&mut self, kind: &EventKind) -> bool {
        match kind {
            EventKind::Invoked(invocation) => {
                self.scenarios.contains(&invocation.scenario) && self.calls.insert(invocation.call)
            }
            EventKind::Returned { call, .. } | EventKind::Failed { call, .. } => {
                self.calls.remove(call)
            }
            EventKind::Connecting { connection, scenario, .. } => {
                self.scenarios.contains(scenario) && self.connections.insert(*connection)
            }
            EventKind::Connected { connection }
            | EventKind::Sent { connection, .. }
            | EventKind::Received { connection, .. } => self.connections.contains(connection),
            EventKind::ConnectFailed { connection, .. } | EventKind::Closed { connection, .. } => {
                self.connections.remove(connection)
            }
            _ => true,
        }
    }
}

impl Sink for SampledRooms {
    fn accept(&mut self, event: &Event) {
        if self.wants(&event.kind) {
            self.sink.accept(event);
        }
    }
}
