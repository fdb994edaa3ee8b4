//! Reads of replicas and search indexes that lag behind writes.

use std::collections::HashMap;
use std::time::Duration;

use hearback_contract::Operation;
use hearback_history::ScenarioName;
use parking_lot::Mutex;
use tokio::time::Instant;

/// Delays reads until the writes of their scenario are visible. Without a measured lag, nothing waits.
#[derive(Debug, Default)]
pub(crate) struct Settling {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    reads: Duration,
    searches: Duration,
    /// True while the lag is being measured: what lists of rooms show is not known to be settled.
    is_measuring: bool,
    writes: HashMap<ScenarioName, Instant>,
    /// The last write of any scenario.
    last_write: Option<Instant>,
}

impl Settling {
    /// Begins or ends the measurement of the lag.
    pub(crate) fn set_measuring(&self, is_measuring: bool) {
        self.state.lock().is_measuring = is_measuring;
    }

    /// Sets the measured lag of reads and of searches.
    pub(crate) fn set(&self, reads: Duration, searches: Duration) {
        let mut state = self.state.lock();
        state.reads = reads;
        state.searches = searches.max(reads);
    }

    /// Records that a scenario may have written.
    pub(crate) fn wrote(&self, scenario: &ScenarioName) {
        let mut state = self.state.lock();
        if !state.searches.is_zero() {
            let now = Instant::now();
            state.last_write = Some(now);
            // Frames come in thousands: the name is cloned once.
            match state.writes.get_mut(scenario) {
                Some(wrote) => *wrote = now,
                None => drop(state.writes.insert(scenario.clone(), now)),
            }
        }
    }

    /// Time until which a read of a scenario waits.
    pub(crate) fn delay(&self, scenario: &ScenarioName, operation: Option<Operation>) -> Duration {
        let state = self.state.lock();
        let lag = match operation {
            Some(Operation::MessagesSearch) => state.searches,
            _ => state.reads,
        };
        let wrote = state.writes.get(scenario).map(|wrote| *wrote + lag);
        wrote.map_or(Duration::ZERO, |settled| settled.saturating_duration_since(Instant::now()))
    }

    /// Longest time by which lists of rooms lag behind writes. While the lag is being measured, it is `longest`.
    pub(crate) fn staleness(&self, longest: Duration) -> Duration {
        let state = self.state.lock();
        if state.is_measuring { longest } else { state.reads }
    }

    /// Returns whether a read that began at this time shows every write before it: those of its scenario, and of
    /// all scenarios if it reads several rooms. A search may be limited to one room.
    pub(crate) fn is_settled(
        &self,
        scenario: &ScenarioName,
        operation: Option<Operation>,
        is_limited: bool,
        began: Instant,
    ) -> bool {
        let state = self.state.lock();
        if state.is_measuring && operation == Some(Operation::RoomsList) {
            return false;
        }
        let (lag, reads_all) = match operation {
            Some(Operation::MessagesSearch) => (state.searches, !is_limited),
            Some(Operation::RoomsList) => (state.reads, true),
            _ => (state.reads, false),
        };
        let wrote = match reads_all {
            true => state.last_write,
            false => state.writes.get(scenario).copied(),
        };
        lag.is_zero() || wrote.is_none_or(|wrote| wrote + lag <= began)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_rooms_are_not_settled_during_the_measurement() {
        let (settling, scenario) = (Settling::default(), ScenarioName::from("one"));
        let is_settled =
            |operation| settling.is_settled(&scenario, Some(operation), false, Instant::now());
        settling.set_measuring(true);
        assert!(!is_settled(Operation::RoomsList));
        assert!(is_settled(Operation::MessagesGet), "the measurement itself");
        settling.set_measuring(false);
        assert!(is_settled(Operation::RoomsList));
    }

    #[tokio::test(start_paused = true)]
    async fn reads_wait_for_the_writes_of_their_scenario() {
        let settling = Settling::default();
        let (one, other) = (ScenarioName::from("one"), ScenarioName::from("other"));
        settling.wrote(&one);
        assert_eq!(settling.delay(&one, None), Duration::ZERO);
        settling.set(Duration::from_secs(1), Duration::from_secs(3));
        settling.wrote(&one);
        let delays = |scenario| {
            let search = Some(Operation::MessagesSearch);
            [settling.delay(scenario, None), settling.delay(scenario, search)]
                .map(|delay| delay.as_secs())
        };
        assert_eq!(delays(&one), [1, 3]);
        assert_eq!(delays(&other), [0, 0]);
        let is_settled = |scenario, operation| {
            settling.is_settled(scenario, Some(operation), false, Instant::now())
        };
        let search = Some(Operation::MessagesSearch);
        assert!(settling.is_settled(&other, search, true, Instant::now()));
        assert!(!settling.is_settled(&other, search, false, Instant::now()));
        assert!(!is_settled(&one, Operation::RoomsGet));
        assert!(is_settled(&other, Operation::RoomsGet));
        assert!(!is_settled(&other, Operation::RoomsList), "it reads rooms of all scenarios");
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(delays(&one), [0, 1]);
    }
}
