//! The panel on a terminal, drawn anew each second.

use hearback_loadtests::Progress;
use hearback_stats::{ErrorCounts, Second};
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};

use super::progress::{latency, line};

/// Steps of the bar.
const STEPS: u64 = 1_000;

/// A bar, and below it what the last second was like.
pub(super) struct Live {
    bar: ProgressBar,
    /// What went wrong so far.
    faults: ErrorCounts,
    /// The panel of the last second; what comes after it is shown with it.
    panel: String,
}

impl Live {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new(STEPS).with_finish(ProgressFinish::AndClear);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {prefix}{msg}") {
            bar.set_style(style);
        }
        Self { bar, faults: ErrorCounts::default(), panel: String::new() }
    }

    /// Shows how far the run is.
    pub(super) fn show(&mut self, progress: &Progress) {
        let share = |done: f64, all: f64| if all > 0.0 { done / all } else { 0.0 };
        let (title, place) = match progress {
            // It stays to be read; what waits is shown below it.
            Progress::Throttled { .. } => return self.bar.println(line(progress)),
            Progress::LoggingIn { done, all } | Progress::MakingRooms { done, all } => {
                (line(progress), share(*done as f64, *all as f64))
            }
            Progress::Connecting { open, all, .. } => {
                (line(progress), share(*open as f64, *all as f64))
            }
            Progress::Running { second, length_s } => {
                self.faults.merge(&second.faults);
                self.panel = panel(second, &self.faults);
                let at = (second.at_s + second.length_s).max(0.0);
                (format!("{at:.0} s of {length_s:.0} s"), share(at, *length_s))
            }
            Progress::Draining { .. } => (line(progress), 1.0),
        };
        self.bar.set_position((place.clamp(0.0, 1.0) * STEPS as f64) as u64);
        self.bar.set_prefix(title);
        self.bar.set_message(self.panel.clone());
    }
}

/// What a second was like, and what has gone wrong so far.
fn panel(second: &Second, faults: &ErrorCounts) -> String {
    let rate = |count: u64| match second.length_s > 0.0 {
        true => format!("{:.0}/s", count as f64 / second.length_s),
        false => "-".to_owned(),
    };
    let faults: Vec<_> = faults.iter().map(|(fault, times)| format!("{times} {fault}")).collect();
    let server =
        second.server_cpu.map_or_else(String::new, |cpu| format!("   server {cpu:.2} cores"));
    let (each, last, lag) = (&second.delivery, &second.last, &second.lag);
    format!(
        "\n  messages   due {:>8}   sent {:>8}   delivered {:>10}\n  each       p50 {:>8}   p99  {:>8}\n  \
         last       p50 {:>8}   p99  {:>8}\n  generator  lag {:>8}   {:.2} cores{server}\n  sockets    \
         {} open\n  faults     {}",
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
        if faults.is_empty() { "none".to_owned() } else { faults.join(", ") },
    )
}

#[cfg(test)]
mod tests {
    use hearback_stats::{ErrorKind, made_up};

    use super::*;

    #[test]
    fn the_panel_says_what_the_second_was_like() {
        let mut faults = ErrorCounts::default();
        faults.add(ErrorKind::NotSent, 2);
        let text = panel(&made_up::record().series[29], &faults);
        let expected = "
  messages   due    100/s   sent    100/s   delivered     5000/s
  each       p50   9.3 ms   p99   14.8 ms
  last       p50  15.0 ms   p99   15.5 ms
  generator  lag   0.3 ms   0.45 cores   server 0.37 cores
  sockets    250 open
  faults     2 not sent";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_second_without_anything_has_a_panel_too() {
        let text = panel(&Second::default(), &ErrorCounts::default());
        assert!(
            text.contains("each       p50        -") && text.ends_with("faults     none"),
            "{text}"
        );
    }
}
