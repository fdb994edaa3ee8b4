//! Progress of scenarios: a bar on a terminal, a few plain lines elsewhere.

use std::io::IsTerminal as _;
use std::sync::Arc;

use hearback_reports::progress::{self, CheckLines};
use hearback_runner::{Event, Observer};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use parking_lot::Mutex;

/// The progress of a run of scenarios.
#[derive(Clone)]
pub(crate) struct CheckProgress {
    bar: ProgressBar,
    is_terminal: bool,
    is_quiet: bool,
    lines: Arc<Mutex<CheckLines>>,
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
        let lines = Arc::new(Mutex::new(CheckLines::new(length)));
        Self { bar, is_terminal, is_quiet, lines }
    }

    /// The observer to pass to the runner.
    pub(crate) fn observer(&self) -> Observer {
        let progress = self.clone();
        Observer::new(move |event| progress.show(event))
    }

    fn show(&self, event: &Event) {
        if let Some(status) = progress::status(event) {
            self.bar.set_message(status);
        }
        match event {
            Event::ScenarioEnded { .. } => self.bar.inc(1),
            Event::Finished => self.bar.finish_and_clear(),
            _ => {}
        }
        self.lines.lock().of(event).iter().for_each(|line| self.say(line));
        if let Some(notice) = progress::notice(event) {
            self.bar.suspend(|| eprintln!("{notice}"));
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
