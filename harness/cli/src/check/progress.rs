//! Showing how far a run is: a bar on a terminal, a few plain lines elsewhere.

use std::io::IsTerminal as _;

use hearback_scenarios::{Scenario, ScriptEnd};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Run, TargetUnderTest};

/// The progress of a run, on standard error.
pub(crate) struct Progress {
    bar: ProgressBar,
    is_terminal: bool,
    quiet: bool,
}

impl Progress {
    /// Progress towards `scenarios`.
    pub(crate) fn new(scenarios: usize, quiet: bool) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(
            Some(scenarios as u64),
            if is_terminal && !quiet {
                ProgressDrawTarget::stderr()
            } else {
                ProgressDrawTarget::hidden()
            },
        );
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {msg}") {
            bar.set_style(style);
        }
        Self { bar, is_terminal, quiet }
    }

    /// Says what is about to be done.
    pub(crate) fn begin(&self, target: &TargetUnderTest, run: &Run) {
        let journal = run.journal.as_ref();
        self.say(&format!(
            "checking {} with {} accounts, {} scenarios{}",
            target.description(),
            target.accounts().len(),
            self.bar.length().unwrap_or_default(),
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
