//! Events of a load run, one line each.

use hearback_loadtests::Progress;
use hearback_runner::Event;
use hearback_runner::capacity::Quantity;
use hearback_stats::record::Trial;

use super::notice::notice;
use super::throttle::throttled;
use crate::words::counted;

/// An event on one line; `None` if it is not shown.
pub fn load_line(event: &Event) -> Option<String> {
    match event {
        Event::LoadStarted { run, target } => Some(format!("Run {run} against {target}")),
        Event::LoggingIn { done, all } => Some(format!("Logging in: {done}/{all} accounts")),
        Event::Throttled { wait_s } => Some(throttled(*wait_s)),
        Event::CreatingRooms { done, all } => Some(format!("Creating rooms: {done}/{all}")),
        Event::WaitingForWork { server, worker } => {
            Some(format!("Waiting for work at {server} as {worker}"))
        }
        Event::PartAssigned { run, part, rooms, members } => Some(format!(
            "Assigned part {} of {} of run {run}: {} with {}",
            part.worker + 1,
            part.workers,
            counted(*rooms as u64, "room"),
            counted(*members as u64, "member"),
        )),
        Event::StartOrdered { at } => Some(format!("The schedule starts at {at:.3}")),
        Event::Load(progress) => progress_line(progress),
        Event::TrialEnded { number, of, trial } => {
            Some(format!("Trial {number}: {}", trial_line(*of, trial)))
        }
        Event::RecordSaved { path } => Some(format!("Saved the record to {}", path.display())),
        event => notice(event),
    }
}

fn progress_line(progress: &Progress) -> Option<String> {
    Some(match progress {
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
                "{:.0} to {:.0} s: {} due, {} sent, {} delivered, each p50 {} p99 {}, last p99 {}, lag p99 {}, {} \
                 sockets{errors}",
                second.at_s.max(0.0),
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
        Progress::SoFar(_) => return None,
        Progress::Draining { missing } => format!("Waiting for {missing} pending deliveries"),
    })
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
