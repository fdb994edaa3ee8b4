//! Progress of a load run: a panel on a terminal, a plain line now and then elsewhere.

use std::io::IsTerminal as _;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use hearback_loadtests::Progress;
use hearback_runner::capacity::Quantity;
use hearback_runner::{Event, Observer};
use hearback_stats::record::Trial;

use super::panel::Panel;
use super::throttled;
use super::warning::warning;

/// Events that wait to be printed.
const QUEUE: usize = 100;

/// Time of the schedule between two plain lines, in seconds.
const INTERVAL_S: f64 = 10.0;

/// Prints progress on a thread of its own: a terminal that blocks must not delay the swarm.
pub(crate) struct LoadProgress {
    events: SyncSender<Option<Event>>,
    thread: JoinHandle<()>,
}

impl LoadProgress {
    /// Starts the thread.
    pub(crate) fn start(is_quiet: bool) -> Self {
        let (events, queue) = sync_channel::<Option<Event>>(QUEUE);
        let mut show: Box<dyn FnMut(&Event) + Send> = if is_quiet {
            Box::new(|event| warning(event).into_iter().for_each(|text| eprintln!("{text}")))
        } else if std::io::stderr().is_terminal() {
            let mut panel = Panel::new();
            Box::new(move |event| panel.show(event))
        } else {
            let mut lines = Lines::default();
            Box::new(move |event| lines.show(event))
        };
        let thread = std::thread::spawn(move || {
            queue.iter().map_while(|event| event).for_each(|event| show(&event));
        });
        Self { events, thread }
    }

    /// The observer to pass to the runner.
    pub(crate) fn observer(&self) -> Observer {
        let events = self.events.clone();
        Observer::new(move |event| {
            // Progress between deliveries must not wait; what does not fit is outdated by the time it could be shown.
            let _sent = match event {
                Event::Load(_) => events.try_send(Some(event.clone())).is_ok(),
                _ => events.send(Some(event.clone())).is_ok(),
            };
        })
    }

    /// Prints the queued events, and ends the thread.
    pub(crate) fn finish(self) {
        let _ended = self.events.send(None);
        // A panic of the thread was printed by the thread.
        let _joined = self.thread.join();
    }
}

/// Plain lines.
#[derive(Default)]
struct Lines {
    /// The occasion of the last line of progress.
    last: String,
}

impl Lines {
    fn show(&mut self, event: &Event) {
        if let Event::Load(progress) = event {
            let occasion = occasion(progress);
            if occasion.is_empty() || self.last == occasion {
                return;
            }
            self.last = occasion;
        }
        let is_step = matches!(event, Event::LoggingIn { .. } | Event::CreatingRooms { .. });
        if let Some(line) = line(event).filter(|_| !is_step) {
            eprintln!("{line}");
        }
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

/// An event on one line; `None` if it is not shown.
pub(super) fn line(event: &Event) -> Option<String> {
    match event {
        Event::LoggingIn { done, all } => Some(format!("Logging in: {done}/{all} accounts")),
        Event::Throttled { wait_s } => Some(throttled(*wait_s)),
        Event::CreatingRooms { done, all } => Some(format!("Creating rooms: {done}/{all}")),
        Event::Load(progress) => Some(progress_line(progress)),
        Event::TrialEnded { number, of, trial } => {
            Some(format!("Trial {number}: {}", trial_line(*of, trial)))
        }
        Event::RecordSaved { path } => Some(format!("Saved the record to {}", path.display())),
        event => warning(event),
    }
}

fn progress_line(progress: &Progress) -> String {
    match progress {
        Progress::Connecting { open, failed: 0, all } => format!("Opening sockets: {open}/{all}"),
        Progress::Connecting { open, failed, all } => {
            format!("Opening sockets: {open}/{all}, {failed} failed")
        }
        Progress::Running { second, .. } => {
            let errors = match second.errors.sum(|_| true) {
                0 => String::new(),
                errors => format!(", {errors} errors"),
            };
            format!(
                "{:.0} s: {} due, {} sent, {} delivered, each p50 {} p99 {}, last p99 {}, lag p99 {}, {} \
                 sockets{errors}",
                second.at_s + second.length_s,
                second.offered,
                second.sent,
                second.delivered,
                latency(second.delivery.p50_ms),
                latency(second.delivery.p99_ms),
                latency(second.last.p99_ms),
                latency(second.lag.p99_ms),
                second.connections,
            )
        }
        Progress::Draining { missing } => format!("Waiting for {missing} pending deliveries"),
    }
}

fn trial_line(of: Quantity, trial: &Trial) -> String {
    let unit = match of {
        Quantity::Rate => "messages per second",
        Quantity::Members => "members",
    };
    let reasons = match trial.reasons().as_slice() {
        [] => String::new(),
        reasons => format!(" ({})", reasons.join("; ")),
    };
    format!("{:.1} {unit}: {}{reasons}", trial.value, trial.outcome)
}

/// A latency in milliseconds, or a dash.
pub(super) fn latency(milliseconds: Option<f64>) -> String {
    milliseconds.map_or_else(|| "-".to_owned(), |milliseconds| format!("{milliseconds:.1} ms"))
}
