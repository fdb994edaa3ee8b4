//! The end of a run with rooms that several workers share.

use std::time::Duration;

use hearback_history::{Nanoseconds, RunEnd};
use hearback_stats::SendLog;

use super::PreparedRun;
use crate::shared_rooms::{ByRoom, Exchange};
use crate::swarm::Swarm;

/// Maximum time in which the other workers report what they sent.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The same, if the run ended early.
const EARLY_TIMEOUT: Duration = Duration::from_secs(5);
/// Time by which clocks can drift apart during a run, in addition to the error of their comparison.
const DRIFT: Nanoseconds = Nanoseconds::from_millis(10);

impl PreparedRun {
    /// Compares what arrived from other workers with what they sent. Returns the end of the run: without the reports of all
    /// workers, it is not complete.
    pub(super) async fn settle_shared_rooms(
        &self,
        exchange: &Exchange,
        swarm: &Swarm,
        clock_error: Option<Nanoseconds>,
        end: RunEnd,
    ) -> RunEnd {
        if self.plan.shared_rooms() == 0 {
            return end;
        }
        let timeout = if end == RunEnd::Completed { TIMEOUT } else { EARLY_TIMEOUT };
        let exchanged = async {
            exchange.put_sends(&self.own_sends(swarm)).await?;
            let sends = exchange.sends(&self.plan).await?;
            // Without a bound of the error, a delivery that was not owed could be taken for a lost one.
            let error = clock_error.ok_or("the clocks of the workers could not be compared")?;
            Ok((sends, error + DRIFT))
        };
        let exchanged = tokio::select! {
            exchanged = exchanged => exchanged,
            () = tokio::time::sleep(timeout) => {
                Err("other workers did not report their messages in time".to_owned())
            }
            () = self.options.cancellation.cancelled(), if end == RunEnd::Completed => {
                return RunEnd::Interrupted;
            }
        };
        let (sends, error) = match exchanged {
            Ok(exchanged) => exchanged,
            Err(reason) if end == RunEnd::Completed => {
                let reason = format!("deliveries in shared rooms could not be counted: {reason}");
                return RunEnd::Aborted { reason };
            }
            Err(_) => return end,
        };
        let measured_from = swarm.measured_from();
        for (planned, room) in self.plan.rooms.iter().zip(&swarm.rooms) {
            if let Some(logs) = sends.get(&planned.number) {
                room.ledger.lock().settle_across(logs, error, measured_from);
            }
        }
        end
    }

    /// The messages that this worker sent to shared rooms.
    fn own_sends(&self, swarm: &Swarm) -> ByRoom<SendLog> {
        let rooms = self.plan.rooms.iter().zip(&swarm.rooms);
        rooms
            .filter_map(|(planned, room)| {
                let log = room.ledger.lock().send_log().cloned()?;
                Some((planned.number, log))
            })
            .collect()
    }
}
