//! Showing how far a run is: a bar on a terminal, a few plain lines elsewhere.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::sync::Arc;

use hearback_history::ScenarioEnd;
use hearback_scenarios::Scenario;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use parking_lot::Mutex;

use super::{Run, TargetUnderTest};

/// The progress of a run, on standard error.
#[derive(Clone)]
pub(crate) struct Progress {
    bar: ProgressBar,
    is_terminal: bool,
    quiet: bool,
    troubles: Arc<Mutex<Troubles>>,
}

impl Progress {
    /// Progress towards `scenarios`.
    pub(crate) fn new(scenarios: usize, quiet: bool) -> Self {
        Self::towards(Some(scenarios as u64), "{bar:30} {pos}/{len} {elapsed} {msg}", quiet)
    }

    /// Progress without an end that is known, or towards so many cases.
    pub(crate) fn of_cases(cases: Option<u64>, quiet: bool) -> Self {
        let template = match cases {
            Some(_) => "{bar:30} {pos}/{len} cases {elapsed} {per_sec} {msg}",
            None => "{spinner} {pos} cases {elapsed} {per_sec} {msg}",
        };
        Self::towards(cases, template, quiet)
    }

    fn towards(length: Option<u64>, template: &str, quiet: bool) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(
            length,
            if is_terminal && !quiet {
                ProgressDrawTarget::stderr()
            } else {
                ProgressDrawTarget::hidden()
            },
        );
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar, is_terminal, quiet, troubles: Arc::default() }
    }

    /// Says what is about to be done.
    pub(crate) fn begin(&self, target: &TargetUnderTest, run: &Run) {
        let journal = run.journal.as_ref();
        self.say(&format!(
            "checking {} with {} accounts, {}{}",
            target.description(),
            target.accounts().len(),
            match self.bar.length() {
                Some(scenarios) => format!("{scenarios} scenarios"),
                None => format!("generated scenarios, seed {}", run.seed),
            },
            journal.map_or_else(String::new, |path| format!("; the journal is {}", path.display())),
        ));
    }

    /// Says something beside the bar.
    pub(crate) fn say(&self, text: &str) {
        if self.quiet {
            return;
        }
        if self.is_terminal {
            self.bar.println(text);
        } else {
            eprintln!("{text}");
        }
    }

    /// A scenario has ended.
    pub(crate) fn advance(&self, scenario: &Scenario, end: &ScenarioEnd) {
        self.bar.inc(1);
        self.bar.set_message(scenario.name.to_string());
        if let Some(trouble) = self.troubles.lock().first(end) {
            self.say(&format!("{}: {trouble}", scenario.name));
        }
    }

    /// The run is over.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
        for line in self.troubles.lock().take_repeated() {
            self.say(&line);
        }
    }
}

/// Why scenarios were not carried out to their end: the same reason is told once, and in the end how often it
/// came again.
#[derive(Default)]
struct Troubles(BTreeMap<String, usize>);

impl Troubles {
    /// What is to be said of the end of a scenario: nothing, if all is well or another ended like it.
    fn first(&mut self, end: &ScenarioEnd) -> Option<String> {
        let trouble = match end {
            ScenarioEnd::Completed | ScenarioEnd::Interrupted => return None,
            ScenarioEnd::Aborted { reason } => format!("stopped: {reason}"),
            ScenarioEnd::Skipped { reason } => format!("left out: {reason}"),
        };
        let times = self.0.entry(trouble.clone()).or_default();
        *times += 1;
        (*times == 1).then_some(trouble)
    }

    /// A line for each reason that came more than once.
    fn take_repeated(&mut self) -> Vec<String> {
        let repeated = std::mem::take(&mut self.0).into_iter().filter(|(_, times)| *times > 1);
        let line = |(trouble, times)| match times {
            2 => format!("1 more scenario {trouble}"),
            _ => format!("{} more scenarios {trouble}", times - 1),
        };
        repeated.map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_trouble_is_told_once_and_counted() {
        let mut troubles = Troubles::default();
        let throttled = ScenarioEnd::Aborted { reason: "throttled".to_owned() };
        let no_task = ScenarioEnd::Skipped { reason: "no task".to_owned() };
        assert_eq!(troubles.first(&ScenarioEnd::Completed), None);
        assert_eq!(troubles.first(&throttled).unwrap(), "stopped: throttled");
        assert_eq!(troubles.first(&no_task).unwrap(), "left out: no task");
        for _ in 0..3 {
            assert_eq!(troubles.first(&throttled), None);
        }
        assert_eq!(troubles.take_repeated(), ["3 more scenarios stopped: throttled"]);
        assert_eq!(troubles.take_repeated(), Vec::<String>::new());
    }
}
