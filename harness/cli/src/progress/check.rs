//! Progress of scenarios: a bar on a terminal, a few plain lines elsewhere.

use std::io::IsTerminal as _;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use hearback_reports::progress::{self, CheckLines, Running};
use hearback_reports::stream;
use hearback_runner::{Event, Observer};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use parking_lot::Mutex;

use crate::output;

/// Time between two updates of the slowest scenarios.
const INTERVAL: Duration = Duration::from_millis(500);

/// The progress of a run of scenarios.
#[derive(Clone)]
pub(crate) struct CheckProgress {
    bar: ProgressBar,
    is_terminal: bool,
    is_quiet: bool,
    lines: Arc<Mutex<CheckLines>>,
    running: Arc<Mutex<Running>>,
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
        let running = Arc::new(Mutex::new(Running::default()));
        if !bar.is_hidden() {
            show_slowest(bar.clone(), Arc::downgrade(&running));
        }
        Self { bar, is_terminal, is_quiet, lines, running }
    }

    /// The observer to pass to the runner.
    pub(crate) fn observer(&self) -> Observer {
        let progress = self.clone();
        Observer::new(move |event| progress.show(event))
    }

    /// The same, which also prints each event to standard output as JSON.
    pub(crate) fn printing_observer(&self) -> Observer {
        let progress = self.clone();
        Observer::new(move |event| {
            stream::event(event).iter().for_each(|line| output::print(line));
            progress.show(event);
        })
    }

    fn show(&self, event: &Event) {
        self.running.lock().observe(event, Instant::now());
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

/// Shows the slowest scenarios behind the bar, until the run has ended.
fn show_slowest(bar: ProgressBar, running: Weak<Mutex<Running>>) {
    std::thread::spawn(move || {
        while let Some(running) = running.upgrade() {
            let slowest = running.lock().slowest(Instant::now());
            drop(running);
            if let Some(slowest) = slowest {
                bar.set_message(slowest);
            }
            std::thread::sleep(INTERVAL);
        }
    });
}
