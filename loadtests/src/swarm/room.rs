//! A room of the run.

use std::sync::Arc;

use hearback_contract::RoomId;
use hearback_history::{Recorder, ScenarioName};
use hearback_stats::RoomLedger;
use parking_lot::Mutex;

use super::reported::Reported;

/// A room of the run.
pub(crate) struct Room {
    /// Id at the target.
    pub(crate) id: RoomId,
    pub(crate) scenario: ScenarioName,
    /// Size class.
    pub(crate) class: usize,
    pub(crate) ledger: Mutex<RoomLedger>,
    /// Records the complete traffic, if the room is sampled.
    pub(super) recorder: Option<Arc<Recorder>>,
    /// Typing indicators.
    pub(super) typing: Reported<bool>,
    /// Ids of the messages that were marked as read.
    pub(super) receipts: Reported<String>,
}

impl Room {
    pub(crate) fn new(
        id: RoomId,
        scenario: ScenarioName,
        class: usize,
        ledger: RoomLedger,
        recorder: Option<Arc<Recorder>>,
    ) -> Self {
        Self {
            id,
            scenario,
            class,
            ledger: Mutex::new(ledger),
            recorder,
            typing: Reported::default(),
            receipts: Reported::default(),
        }
    }
}
