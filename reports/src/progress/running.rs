//! The scenarios that are running, the slowest first.

use std::time::{Duration, Instant};

use hearback_history::ScenarioName;
use hearback_runner::Event;

/// Maximum number of scenarios that are named.
const MOST: usize = 3;

/// Duration from which on a scenario is named.
const SLOW: Duration = Duration::from_secs(1);

/// The scenarios that are running, in the order of their beginnings.
#[derive(Debug, Default)]
pub struct Running(Vec<(ScenarioName, Instant)>);

impl Running {
    /// Takes an event into account.
    pub fn observe(&mut self, event: &Event, now: Instant) {
        match event {
            Event::ScenarioStarted { scenario } => self.0.push((scenario.clone(), now)),
            Event::ScenarioEnded { scenario, .. } => self.0.retain(|(it, _)| it != scenario),
            Event::Finished => self.0.clear(),
            _ => {}
        }
    }

    /// The slowest scenarios with their durations; `None` if none takes long.
    pub fn slowest(&self, now: Instant) -> Option<String> {
        let since = |began: &Instant| now.saturating_duration_since(*began);
        let slow = self.0.iter().filter(|(_, began)| since(began) >= SLOW).take(MOST);
        let slow: Vec<_> =
            slow.map(|(name, began)| format!("{name} {} s", since(began).as_secs())).collect();
        (!slow.is_empty()).then(|| slow.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use hearback_history::ScenarioEnd;

    use super::*;

    #[test]
    fn the_slowest_scenarios_are_named_with_their_durations() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut running = Running::default();
        for (second, name) in [(0, "a"), (1, "b"), (2, "c"), (3, "d"), (9, "e")] {
            let scenario = name.into();
            running.observe(&Event::ScenarioStarted { scenario }, at(second));
        }
        assert_eq!(running.slowest(at(9)).unwrap(), "a 9 s, b 8 s, c 7 s");
        let scenario = "b".into();
        let ended = Event::ScenarioEnded { scenario, end: ScenarioEnd::Completed };
        running.observe(&ended, at(9));
        assert_eq!(running.slowest(at(9)).unwrap(), "a 9 s, c 7 s, d 6 s");
        running.observe(&Event::Finished, at(9));
        assert_eq!(running.slowest(at(20)), None);
    }
}
