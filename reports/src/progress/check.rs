//! Events of a run of scenarios, a few lines each.

use std::collections::BTreeMap;

use hearback_history::ScenarioEnd;
use hearback_runner::Event;

use super::throttle::throttled;
use crate::words::counted;

/// Faults between two lines of the progress of a proof.
const FAULTS_PER_LINE: usize = 20;

/// The progress of the logins, in a few words; `None` for other events.
pub fn status(event: &Event) -> Option<String> {
    match event {
        Event::LoggingIn { done, all } => Some(format!("Logging in: {done}/{all} accounts")),
        _ => None,
    }
}

/// Lines of a run in progress.
pub struct CheckLines {
    /// Number of scenarios, if it is limited.
    scenarios: Option<u64>,
    stops: Stops,
}

impl CheckLines {
    /// Lines of a run of this many scenarios; `None` if their number is not limited.
    pub fn new(scenarios: Option<u64>) -> Self {
        Self { scenarios, stops: Stops::default() }
    }

    /// The lines of an event.
    pub fn of(&mut self, event: &Event) -> Vec<String> {
        match event {
            Event::Started { target, accounts, journal, seed, .. } => {
                let scenarios = match self.scenarios {
                    Some(scenarios) => counted(scenarios, "scenario"),
                    None => format!("generated scenarios with seed {seed}"),
                };
                let accounts = counted(*accounts as u64, "account");
                let first = format!("Testing {target} with {accounts}: {scenarios}");
                let journal = journal.as_ref();
                let journal = journal.map(|it| format!("Writing the journal to {}", it.display()));
                [first].into_iter().chain(journal).collect()
            }
            Event::Throttled { wait_s } => vec![throttled(*wait_s)],
            Event::ScenarioEnded { scenario, end } => {
                let stop = self.stops.first(end);
                stop.map(|stop| format!("{scenario}: {stop}")).into_iter().collect()
            }
            Event::Confirming { findings, time } => vec![format!(
                "Repeating {} in new rooms: at most {} s",
                counted(*findings as u64, "finding"),
                time.as_secs()
            )],
            Event::Minimizing { requirement, attempts, time } => vec![format!(
                "Minimizing a scenario that breaks {requirement}: at most {attempts} attempts in {} s",
                time.as_secs()
            )],
            Event::Finished => self.stops.take_repeated(),
            Event::FaultTested { done, all } if done % FAULTS_PER_LINE == 0 || done == all => {
                vec![format!("Tested {done}/{all}")]
            }
            _ => Vec::new(),
        }
    }
}

/// Reasons of scenarios that stopped or were skipped, with their numbers. Each is printed once; how often it
/// occurred again is printed at the end.
#[derive(Default)]
struct Stops(BTreeMap<String, usize>);

impl Stops {
    /// The line for the end of a scenario; `None` if it completed, or another ended for the same reason.
    fn first(&mut self, end: &ScenarioEnd) -> Option<String> {
        let reason = match end {
            ScenarioEnd::Completed | ScenarioEnd::Interrupted => return None,
            ScenarioEnd::Aborted { reason } => format!("stopped: {reason}"),
            ScenarioEnd::Skipped { reason } => format!("skipped: {reason}"),
        };
        let times = self.0.entry(reason.clone()).or_default();
        *times += 1;
        (*times == 1).then_some(reason)
    }

    /// A line for each reason that occurred more than once.
    fn take_repeated(&mut self) -> Vec<String> {
        let repeated = std::mem::take(&mut self.0).into_iter().filter(|(_, times)| *times > 1);
        let line =
            |(reason, times)| format!("{} {reason}", counted(times as u64 - 1, "more scenario"));
        repeated.map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_printed_once_and_counted() {
        let mut stops = Stops::default();
        let throttled = ScenarioEnd::Aborted { reason: "throttled".to_owned() };
        let no_task = ScenarioEnd::Skipped { reason: "no task".to_owned() };
        assert_eq!(stops.first(&ScenarioEnd::Completed), None);
        assert_eq!(stops.first(&throttled).unwrap(), "stopped: throttled");
        assert_eq!(stops.first(&no_task).unwrap(), "skipped: no task");
        for _ in 0..3 {
            assert_eq!(stops.first(&throttled), None);
        }
        assert_eq!(stops.take_repeated(), ["3 more scenarios stopped: throttled"]);
        assert_eq!(stops.take_repeated(), Vec::<String>::new());
    }
}
