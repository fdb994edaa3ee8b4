//! A load run in plain lines.

use hearback_loadtests::Progress;
use hearback_runner::Event;
use hearback_stats::Second;

use super::load::load_line;

/// Time of the schedule between two plain lines, in seconds.
const INTERVAL_S: f64 = 10.0;

/// Lines for output that is not a terminal: steps without their progress, and the figures of every period.
#[derive(Default)]
pub struct LoadLines {
    /// The occasion of the last line of progress.
    last: String,
    /// The measurements since the last line of figures.
    period: Option<Second>,
}

impl LoadLines {
    /// The line of an event; `None` if it is not shown.
    pub fn of(&mut self, event: &Event) -> Option<String> {
        let Event::Load(progress) = event else {
            let is_step = matches!(event, Event::LoggingIn { .. } | Event::CreatingRooms { .. });
            return load_line(event).filter(|_| !is_step);
        };
        if let Progress::Running { second, .. } = progress {
            let period = self.period.take();
            let own = || (**second).clone();
            self.period = Some(period.map_or_else(own, |period| period.followed_by(second)));
        }
        let occasion = occasion(progress);
        if occasion.is_empty() || self.last == occasion {
            return None;
        }
        self.last = occasion;
        match (progress, self.period.take()) {
            (Progress::Running { length_s, .. }, Some(period)) => {
                let second = Box::new(period);
                load_line(&Event::Load(Progress::Running { second, length_s: *length_s }))
            }
            _ => load_line(event),
        }
    }
}

/// Events for which one plain line is printed.
fn occasion(progress: &Progress) -> String {
    match progress {
        Progress::Connecting { open, all, .. } if open == all => "connected".to_owned(),
        Progress::Running { second, .. } if second.at_s >= 0.0 => {
            (((second.at_s + second.length_s) / INTERVAL_S) as u64).to_string()
        }
        Progress::Draining { .. } => "draining".to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_figures_covers_the_period_since_the_one_before() {
        let mut lines = LoadLines::default();
        let mut printed = Vec::new();
        for at in 0..21 {
            let second =
                Second { at_s: f64::from(at), length_s: 1.0, offered: 5, ..Second::default() };
            let running = Progress::Running { second: Box::new(second), length_s: 30.0 };
            printed.extend(lines.of(&Event::Load(running)));
        }
        let starts: Vec<_> = printed.iter().map(|line| line.split(',').next().unwrap()).collect();
        assert_eq!(starts, ["0 to 1 s: 5 due", "1 to 10 s: 45 due", "10 to 20 s: 50 due"]);
    }
}
