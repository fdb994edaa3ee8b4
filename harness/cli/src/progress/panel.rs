//! The panel of a load run on a terminal, redrawn every second.

use hearback_loadtests::Progress;
use hearback_reports::progress::{figures, load_line};
use hearback_runner::Event;
use hearback_stats::ErrorCounts;
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};

/// Steps of the bar.
const STEPS: u64 = 1_000;

/// A bar, and the figures of the last second below it.
pub(super) struct Panel {
    bar: ProgressBar,
    /// Errors since the beginning of the run.
    errors: ErrorCounts,
    /// The figures of the last second, which stay visible during later phases.
    figures: String,
}

impl Panel {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new(STEPS).with_finish(ProgressFinish::AndClear);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {prefix}{msg}") {
            bar.set_style(style);
        }
        Self { bar, errors: ErrorCounts::default(), figures: String::new() }
    }

    /// Shows an event: progress in the bar, anything else on a line above it.
    pub(super) fn show(&mut self, event: &Event) {
        let Some(line) = load_line(event) else { return };
        let share = |done: f64, all: f64| if all > 0.0 { done / all } else { 0.0 };
        let (title, position) = match event {
            Event::LoggingIn { done, all } | Event::CreatingRooms { done, all } => {
                (line, share(*done as f64, *all as f64))
            }
            Event::Load(Progress::Connecting { open, all, .. }) => {
                (line, share(*open as f64, *all as f64))
            }
            Event::Load(Progress::Running { second, length_s }) => {
                self.errors.merge(&second.errors);
                self.figures = figures(second, &self.errors);
                let at = (second.at_s + second.length_s).max(0.0);
                (format!("{at:.0}/{length_s:.0} s"), share(at, *length_s))
            }
            Event::Load(Progress::Draining { .. }) => (line, 1.0),
            _ => return self.bar.println(line),
        };
        self.bar.set_position((position.clamp(0.0, 1.0) * STEPS as f64) as u64);
        self.bar.set_prefix(title);
        self.bar.set_message(self.figures.clone());
    }
}
