//! The panel of a load run on a terminal, redrawn every second.

use hearback_loadtests::Progress;
use hearback_reports::progress::{latency, load_line};
use hearback_runner::Event;
use hearback_stats::{ErrorCounts, Second};
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

/// The figures of a second, and all errors so far.
fn figures(second: &Second, errors: &ErrorCounts) -> String {
    let rate = |count: u64| match second.length_s > 0.0 {
        true => format!("{:.0}/s", count as f64 / second.length_s),
        false => "-".to_owned(),
    };
    let errors: Vec<_> = errors.iter().map(|(error, times)| format!("{times} {error}")).collect();
    let server =
        second.server_cpu.map_or_else(String::new, |cpu| format!("   server {cpu:.2} cores"));
    let (each, last, lag) = (&second.delivery, &second.last, &second.lag);
    format!(
        "\n  messages   due {:>8}   sent {:>8}   delivered {:>10}\n  each       p50 {:>8}   p99  {:>8}\n  \
         last       p50 {:>8}   p99  {:>8}\n  generator  lag {:>8}   {:.2} cores{server}\n  sockets    \
         {} open\n  errors     {}",
        rate(second.offered),
        rate(second.sent),
        rate(second.delivered),
        latency(each.p50_ms),
        latency(each.p99_ms),
        latency(last.p50_ms),
        latency(last.p99_ms),
        latency(lag.p99_ms),
        second.generator_cpu,
        second.connections,
        if errors.is_empty() { "none".to_owned() } else { errors.join(", ") },
    )
}

#[cfg(test)]
mod tests {
    use hearback_stats::ErrorKind;
    use hearback_testkit::load::example_record;

    use super::*;

    #[test]
    fn figures_of_a_second() {
        let mut errors = ErrorCounts::default();
        errors.add(ErrorKind::NotSent, 2);
        let text = figures(&example_record().series[29], &errors);
        let expected = "
  messages   due    100/s   sent    100/s   delivered     5000/s
  each       p50   9.3 ms   p99   14.8 ms
  last       p50  15.0 ms   p99   15.5 ms
  generator  lag   0.3 ms   0.45 cores   server 0.37 cores
  sockets    250 open
  errors     2 not sent";
        assert_eq!(text, expected);
    }

    #[test]
    fn figures_of_an_empty_second() {
        let text = figures(&Second::default(), &ErrorCounts::default());
        assert!(
            text.contains("each       p50        -") && text.ends_with("errors     none"),
            "{text}"
        );
    }
}
