//! A load run in plain lines.

use hearback_loadtests::Progress;
use hearback_runner::Event;

use super::load::load_line;

/// Time of the schedule between two plain lines, in seconds.
const INTERVAL_S: f64 = 10.0;

/// Lines for output that is not a terminal: steps without their progress, and figures now and then.
#[derive(Default)]
pub struct LoadLines {
    /// The occasion of the last line of progress.
    last: String,
}

impl LoadLines {
    /// The line of an event; `None` if it is not shown.
    pub fn of(&mut self, event: &Event) -> Option<String> {
        if let Event::Load(progress) = event {
            let occasion = occasion(progress);
            if occasion.is_empty() || self.last == occasion {
                return None;
            }
            self.last = occasion;
        }
        let is_step = matches!(event, Event::LoggingIn { .. } | Event::CreatingRooms { .. });
        load_line(event).filter(|_| !is_step)
    }
}

/// Events for which one plain line is printed.
fn occasion(progress: &Progress) -> String {
    match progress {
        Progress::Connecting { open, all, .. } if open == all => "connected".to_owned(),
        Progress::Running { second, .. } if second.at_s >= 0.0 => {
            ((second.at_s / INTERVAL_S) as u64).to_string()
        }
        Progress::Draining { .. } => "draining".to_owned(),
        _ => String::new(),
    }
}
