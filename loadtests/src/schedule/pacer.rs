//! The pacer: a task that hands out slots when they are due.

use hearback_history::Nanoseconds;
use tokio::task::JoinHandle;
use tokio::task::coop::consume_budget;

use super::Timetable;
use crate::clock::{Alarm, Clock};

/// A time at which a message is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Intended send time, on the clock of the run.
    pub intended: Nanoseconds,
}

/// Hands out every slot of a timetable at its time. Slots are never skipped, and wait for nothing but their time.
///
/// The pacer runs on the runtime of the members. On a thread of its own, each send would require an additional wake-up,
/// which would cost a swarm a tenth of its deliveries. A lack of processor time shows as lag.
#[derive(Debug)]
pub struct Pacer(JoinHandle<()>);

impl Pacer {
    /// Maximum number of slots per second that are handed out on schedule.
    pub(crate) const MAX_RATE: f64 = 50_000.0;

    /// Starts passing the slots of `timetable`, relative to `start`, to `receive`, which must not block, each to the member
    /// whose turn it is. Turns are taken over and over; a slot without a member belongs to another worker.
    ///
    /// # Errors
    /// If the system provides no timer.
    pub fn start(
        clock: Clock,
        start: Nanoseconds,
        timetable: Timetable,
        turns: Vec<Option<usize>>,
        mut receive: impl FnMut(usize, Slot) + Send + 'static,
    ) -> std::io::Result<Self> {
        let alarm = Alarm::new(clock)?;
        Ok(Self(tokio::spawn(async move {
            for (time, member) in timetable.zip(turns.iter().cycle()) {
                let Some(member) = *member else { continue };
                let intended = start + time;
                alarm.at(intended).await;
                receive(member, Slot { intended });
                // Yields regularly while many slots are overdue.
                consume_budget().await;
            }
        })))
    }

    /// Returns whether all slots were handed out, or the pacer was stopped.
    pub fn is_finished(&self) -> bool {
        self.0.is_finished()
    }

    /// Stops handing out slots.
    pub fn stop(&self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::mpsc;

    use super::*;
    use crate::schedule::{Phase, Shape};

    const START: Nanoseconds = Nanoseconds::from_millis(5);

    #[tokio::test]
    async fn slots_are_handed_out_in_order_and_not_early() {
        let shape = Shape::Constant { rate: 2000.0 };
        let timetable = Timetable::new(&[Phase { shape, length: Duration::from_millis(100) }]);
        let clock = Clock::start();
        let (sender, mut slots) = mpsc::unbounded_channel();
        let turns = vec![Some(5), None, Some(3), Some(5)];
        let pacer = Pacer::start(clock, START, timetable.clone(), turns, move |member, slot| {
            sender.send((member, slot, clock.now())).unwrap();
        });
        let pacer = pacer.unwrap();
        let mut received = Vec::new();
        while let Some(slot) = slots.recv().await {
            received.push(slot);
        }
        let due = timetable.zip([Some(5), None, Some(3), Some(5)].into_iter().cycle());
        let due: Vec<_> = due.filter_map(|(time, member)| Some((member?, time + START))).collect();
        assert_eq!(due.len(), 150);
        assert!(received.iter().map(|(member, slot, _)| (*member, slot.intended)).eq(due));
        assert!(received.iter().all(|(_, slot, at)| *at >= slot.intended));
        pacer.0.await.unwrap();
    }
}
