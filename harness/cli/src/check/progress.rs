//! Showing how far a run is: a bar on a terminal, a few plain lines elsewhere.

use std::io::IsTerminal as _;

use hearback_scenarios::{Scenario, ScriptEnd};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Run, TargetUnderTest};

/// The progress of a run, on standard error.
#[derive(Clone)]
pub(crate) struct Progress {
    bar: ProgressBar,
    is_terminal: bool,
    quiet: bool,
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
        Self { bar, is_terminal, quiet }
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
    pub(crate) fn advance(&self, scenario: &Scenario, end: &ScriptEnd) {
        self.bar.inc(1);
        self.bar.set_message(scenario.name.to_string());
        match end {
            ScriptEnd::Completed | ScriptEnd::Interrupted => {}
            ScriptEnd::Stopped(reason) => {
                self.say(&format!("{}: stopped: {reason}", scenario.name))
            }
            ScriptEnd::NotPossible(reason) => {
                self.say(&format!("{}: left out: {reason}", scenario.name));
            }
        }
    }

    /// The run is over.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
