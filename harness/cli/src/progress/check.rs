//! Progress of scenarios: a bar on a terminal, a few plain lines elsewhere.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::sync::Arc;

use hearback_history::ScenarioEnd;
use hearback_reports::counted;
use hearback_reports::progress::{notice, throttled};
use hearback_runner::{Event, Observer};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use parking_lot::Mutex;

/// Faults between two lines of the progress of a proof.
const FAULTS_PER_LINE: usize = 20;

/// The progress of a run of scenarios.
#[derive(Clone)]
pub(crate) struct CheckProgress {
    bar: ProgressBar,
    is_terminal: bool,
    is_quiet: bool,
    stops: Arc<Mutex<Stops>>,
}

impl CheckProgress {
    /// Progress of a known number of scenarios.
    pub(crate) fn of_scenarios(scenarios: usize, is_quiet: bool) -> Self {
        Self::new(Some(scenarios as u64), "{bar:30} {pos}/{len} {elapsed} {msg}", is_quiet)
    }

    /// Progress of generated cases, whose number may be unlimited.
    pub(crate) fn of_cases(cases: Option<u64>, is_quiet: bool) -> Self {
        let template = match cases {
            Some(_) => "{bar:30} {pos}/{len} cases {elapsed} {per_sec} {msg}",
            None => "{spinner} {pos} cases {elapsed} {per_sec} {msg}",
        };
        Self::new(cases, template, is_quiet)
    }

    fn new(length: Option<u64>, template: &str, is_quiet: bool) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let target = match is_terminal && !is_quiet {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(length, target);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar, is_terminal, is_quiet, stops: Arc::default() }
    }

    /// The observer to pass to the runner.
    pub(crate) fn observer(&self) -> Observer {
        let progress = self.clone();
        Observer::new(move |event| progress.show(event))
    }

    fn show(&self, event: &Event) {
        match event {
            Event::Started { target, accounts, journal, seed, .. } => {
                let scenarios = match self.bar.length() {
                    Some(scenarios) => counted(scenarios, "scenario"),
                    None => format!("generated scenarios with seed {seed}"),
                };
                let accounts = counted(*accounts as u64, "account");
                self.say(&format!("Testing {target} with {accounts}: {scenarios}"));
                if let Some(journal) = journal {
                    self.say(&format!("Writing the journal to {}", journal.display()));
                }
            }
            Event::LoggingIn { done, all } => {
                self.bar.set_message(format!("Logging in: {done}/{all} accounts"));
            }
            Event::Throttled { wait_s } => self.say(&throttled(*wait_s)),
            Event::ScenarioEnded { scenario, end } => {
                self.bar.inc(1);
                self.bar.set_message(scenario.to_string());
                if let Some(stop) = self.stops.lock().first(end) {
                    self.say(&format!("{scenario}: {stop}"));
                }
            }
            Event::Minimizing { requirement, attempts, time } => self.say(&format!(
                "Minimizing a scenario that breaks {requirement}: at most {attempts} attempts in {} s",
                time.as_secs()
            )),
            Event::Finished => {
                self.bar.finish_and_clear();
                for line in self.stops.lock().take_repeated() {
                    self.say(&line);
                }
            }
            Event::FaultTested { done, all } if done % FAULTS_PER_LINE == 0 || done == all => {
                self.say(&format!("Tested {done}/{all} faults"));
            }
            event => {
                if let Some(notice) = notice(event) {
                    self.bar.suspend(|| eprintln!("{notice}"));
                }
            }
        }
    }

    fn say(&self, text: &str) {
        match (self.is_quiet, self.is_terminal) {
            (true, _) => {}
            (false, true) => self.bar.println(text),
            (false, false) => eprintln!("{text}"),
        }
    }
}

/// Reasons of scenarios that stopped or were left out, with their numbers. Each is printed once; how often it
/// occurred again is printed at the end.
#[derive(Default)]
struct Stops(BTreeMap<String, usize>);

impl Stops {
    /// The line for the end of a scenario; `None` if it completed, or another ended for the same reason.
    fn first(&mut self, end: &ScenarioEnd) -> Option<String> {
        let reason = match end {
            ScenarioEnd::Completed | ScenarioEnd::Interrupted => return None,
            ScenarioEnd::Aborted { reason } => format!("stopped: {reason}"),
            ScenarioEnd::Skipped { reason } => format!("left out: {reason}"),
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
        assert_eq!(stops.first(&no_task).unwrap(), "left out: no task");
        for _ in 0..3 {
            assert_eq!(stops.first(&throttled), None);
        }
        assert_eq!(stops.take_repeated(), ["3 more scenarios stopped: throttled"]);
        assert_eq!(stops.take_repeated(), Vec::<String>::new());
    }
}
