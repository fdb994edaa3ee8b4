//! Events that are printed even if progress is suppressed: warnings, and the address of metrics.

use hearback_runner::Event;
use hearback_runner::load::Unsigned;

use crate::shown::shown;
use crate::words::orphaned_room;

/// The line of an event that is always printed; `None` for progress.
pub fn notice(event: &Event) -> Option<String> {
    match event {
        Event::RoomLeftBehind(room) => {
            Some(format!("warning: room left behind: {}", orphaned_room(room, shown)))
        }
        Event::JournalIncomplete { path, reason } => {
            Some(format!("warning: the journal {} is incomplete: {reason}", path.display()))
        }
        Event::ReproductionNotWritten { path, reason } => {
            Some(format!("warning: cannot write {}: {reason}", path.display()))
        }
        Event::AccountsNotSigned(accounts) => Some(format!("warning: {}", unsigned(accounts))),
        Event::ServingDashboard { url } => Some(format!("Dashboard at {url}")),
        Event::ServingMetrics { url } => Some(format!("Serving metrics at {url}")),
        Event::ExportingMetrics { url } => Some(format!("Exporting metrics to {url}")),
        Event::MetricsNotExported { url, reason } => {
            Some(format!("warning: cannot export metrics to {url}: {reason}"))
        }
        Event::RecordUnsaved { reason } => Some(format!("warning: {reason}")),
        Event::GooseFailed { reason } => {
            Some(format!("warning: the figures of goose are missing: {reason}"))
        }
        _ => None,
    }
}

/// The warning about accounts that log in although the key of the target is known.
pub(crate) fn unsigned(accounts: &Unsigned) -> String {
    let Unsigned { count, of } = accounts;
    format!(
        "{count} of {of} accounts log in despite --jwt-secret-env: signing a token requires the `id` of the \
         account in the accounts file"
    )
}
