//! Showing how far a load run is: a panel on a terminal, a plain line now and then elsewhere.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use hearback_loadtests::Progress;

use super::TargetUnderLoad;
use super::live::Live;
use crate::target::throttled;

/// Hears how far a run is.
pub(super) type Listener = Arc<dyn Fn(&Progress) + Send + Sync>;

/// So much news waits for a terminal.
const UNTOLD: usize = 100;

/// Without a terminal, one line for so many seconds of the schedule.
const EVERY: f64 = 10.0;

/// One listener for several.
pub(super) fn all(listeners: Vec<Listener>) -> Listener {
    Arc::new(move |progress| listeners.iter().for_each(|listener| listener(progress)))
}

/// A thread that shows people how far the run is: a terminal that takes nothing must not hold a swarm up.
struct Teller {
    news: Option<SyncSender<Progress>>,
    thread: Option<JoinHandle<()>>,
}

impl Teller {
    fn new(mut show: impl FnMut(&Progress) + Send + 'static) -> Self {
        let (news, heard) = sync_channel(UNTOLD);
        let thread = std::thread::spawn(move || heard.iter().for_each(|progress| show(&progress)));
        Self { news: Some(news), thread: Some(thread) }
    }

    fn tell(&self, progress: &Progress) {
        // What does not fit any more is old by the time that it could be shown.
        let _shown = self.news.as_ref().map(|news| news.try_send(progress.clone()));
    }
}

/// All that was told is shown before anything else is printed.
impl Drop for Teller {
    fn drop(&mut self) {
        drop(self.news.take());
        if let Some(thread) = self.thread.take() {
            // If it panicked, it has said so.
            let _ended = thread.join();
        }
    }
}

/// Tells people how far the run is, on standard error; nobody, if they want quiet.
pub(super) fn teller(quiet: bool, target: &TargetUnderLoad, run: &str) -> Option<Listener> {
    if quiet {
        return None;
    }
    eprintln!("run {run} against {}", target.description());
    if std::io::stderr().is_terminal() {
        let mut live = Live::new();
        let teller = Teller::new(move |progress| live.show(progress));
        return Some(Arc::new(move |progress| teller.tell(progress)));
    }
    let mut told = String::new();
    let teller = Teller::new(move |progress| {
        if let Progress::Throttled { .. } = progress {
            eprintln!("{}", line(progress));
            return;
        }
        let occasion = occasion(progress);
        if !occasion.is_empty() && told != occasion {
            eprintln!("{}", line(progress));
            told = occasion;
        }
    });
    Some(Arc::new(move |progress| teller.tell(progress)))
}

/// What a plain line is written for, once.
fn occasion(progress: &Progress) -> String {
    match progress {
        Progress::Connecting { open, all, .. } if open == all => "connected".to_owned(),
        Progress::Running { second, .. } if second.at_s >= 0.0 => {
            ((second.at_s / EVERY) as u64).to_string()
        }
        Progress::Draining { .. } => "draining".to_owned(),
        _ => String::new(),
    }
}

/// How far it is, on one line.
pub(super) fn line(progress: &Progress) -> String {
    match progress {
        Progress::LoggingIn { done, all } => format!("letting {done} of {all} accounts in"),
        Progress::Throttled { wait_s } => throttled(*wait_s),
        Progress::MakingRooms { done, all } => format!("making {done} of {all} rooms"),
        Progress::Connecting { open, failed: 0, all } => format!("{open} of {all} sockets open"),
        Progress::Connecting { open, failed, all } => {
            format!("{open} of {all} sockets open, {failed} failed")
        }
        Progress::Running { second, .. } => {
            let faults = match second.faults.sum(|_| true) {
                0 => String::new(),
                faults => format!(", {faults} faults"),
            };
            format!(
                "{:.0} s: {} due, {} sent, {} delivered, each p50 {} p99 {}, last p99 {}, lag p99 {}, {} \
                 sockets{faults}",
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
        Progress::Draining { missing } => format!("waiting for {missing} deliveries"),
    }
}

/// A latency, or that there is none.
pub(super) fn latency(milliseconds: Option<f64>) -> String {
    milliseconds.map_or_else(|| "-".to_owned(), |milliseconds| format!("{milliseconds:.1} ms"))
}
