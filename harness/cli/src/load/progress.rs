//! Showing how far a load run is: one line that changes on a terminal, a few plain ones elsewhere.

use std::io::IsTerminal as _;
use std::sync::Arc;

use hearback_loadtests::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use parking_lot::Mutex;

use super::TargetUnderLoad;

/// Without a terminal, one line for so many seconds of the schedule.
const EVERY: f64 = 10.0;

/// Tells people how far the run is, on standard error.
pub(super) fn teller(
    quiet: bool,
    target: &TargetUnderLoad,
    run: &str,
) -> Arc<dyn Fn(&Progress<'_>) + Send + Sync> {
    if quiet {
        return Arc::new(|_| {});
    }
    eprintln!("run {run} against {}", target.description());
    let is_terminal = std::io::stderr().is_terminal();
    let shown =
        if is_terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(1), shown);
    if let Ok(style) = ProgressStyle::with_template("{bar:20} {elapsed} {msg}") {
        bar.set_style(style);
    }
    let told = Mutex::new(String::new());
    Arc::new(move |progress| {
        let (text, place, plain) = line(progress);
        bar.set_length(1000);
        bar.set_position((place * 1000.0) as u64);
        bar.set_message(text.clone());
        let mut told = told.lock();
        if !is_terminal && !plain.is_empty() && *told != plain {
            eprintln!("{text}");
            *told = plain;
        }
    })
}

/// The text, how far the stage is, and what a plain line is told once for.
fn line(progress: &Progress<'_>) -> (String, f64, String) {
    let share = |done: usize, all: usize| done as f64 / all.max(1) as f64;
    match progress {
        Progress::LoggingIn { done, all } => {
            (format!("letting {done} of {all} accounts in"), share(*done, *all), String::new())
        }
        Progress::MakingRooms { done, all } => {
            (format!("making {done} of {all} rooms"), share(*done, *all), String::new())
        }
        Progress::Connecting { open, failed, all } => {
            let failed = match failed {
                0 => String::new(),
                failed => format!(", {failed} failed"),
            };
            let plain = if open == all { "connected".to_owned() } else { String::new() };
            (
                format!("{open} of {all} sockets open{failed}"),
                share(*open as usize, *all as usize),
                plain,
            )
        }
        Progress::Running { second, length_s } => {
            let shown = |value: Option<f64>| {
                value.map_or_else(|| "-".to_owned(), |value| format!("{value:.1}"))
            };
            let faults = second.faults.sum(|_| true);
            let text = format!(
                "{:.0} s: {} due, {} sent, {} delivered, p50 {} p99 {} last p99 {} ms, lag p99 {} ms, {} \
                 sockets{}",
                second.at_s + second.length_s,
                second.offered,
                second.sent,
                second.delivered,
                shown(second.delivery.p50_ms),
                shown(second.delivery.p99_ms),
                shown(second.last.p99_ms),
                shown(second.lag.p99_ms),
                second.connections,
                if faults == 0 { String::new() } else { format!(", {faults} faults") },
            );
            let place = ((second.at_s + second.length_s) / length_s).clamp(0.0, 1.0);
            (text, place, format!("{}", (second.at_s / EVERY) as u64))
        }
        Progress::Draining { missing } => {
            (format!("waiting for {missing} deliveries"), 1.0, "draining".to_owned())
        }
    }
}
