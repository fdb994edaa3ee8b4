//! The task that hands out slots when they are due.

use hearback_stats::Nanoseconds;
use tokio::task::JoinHandle;
use tokio::task::coop::consume_budget;

use super::Timetable;
use crate::clock::{Alarm, Clock};

/// A message to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// When it was due, on the clock of the run.
    pub intended: Nanoseconds,
}

/// Hands out every slot of a timetable at its time. A slot is never skipped, and none waits for anything but its
/// time.
///
/// It lives where the members do: from a thread of its own, every send would be a wake-up more, which a swarm
/// pays for with a tenth of its deliveries. Where there is no processor time left, the lag of the sends shows it.
#[derive(Debug)]
pub struct Pacer(JoinHandle<()>);

impl Pacer {
    /// Starts to give the slots of `timetable`, whose time 0 is `start`, to `receive`, which must not wait.
    ///
    /// # Errors
    /// If the system gives no timer.
    pub fn start(
        clock: Clock,
        start: Nanoseconds,
        timetable: Timetable,
        mut receive: impl FnMut(Slot) + Send + 'static,
    ) -> std::io::Result<Self> {
        let alarm = Alarm::new(clock)?;
        Ok(Self(tokio::spawn(async move {
            for time in timetable {
                let intended = start + time;
                alarm.at(intended).await;
                receive(Slot { intended });
                // Many that are overdue hold nobody up.
                consume_budget().await;
            }
        })))
    }

    /// Whether all were handed out, or it was stopped.
    pub fn is_finished(&self) -> bool {
        self.0.is_finished()
    }

    /// Hands out no more.
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

    #[tokio::test]
    async fn every_slot_comes_in_order_and_none_before_its_time() {
        let shape = Shape::Constant { rate: 2000.0 };
        let timetable = Timetable::new(&[Phase { shape, length: Duration::from_millis(100) }]);
        let clock = Clock::start();
        let (sender, mut slots) = mpsc::unbounded_channel();
        let pacer = Pacer::start(clock, 5_000_000, timetable.clone(), move |slot| {
            sender.send((slot, clock.now())).unwrap();
        });
        let pacer = pacer.unwrap();
        let mut got = Vec::new();
        while let Some(slot) = slots.recv().await {
            got.push(slot);
        }
        let due: Vec<_> = timetable.map(|time| time + 5_000_000).collect();
        assert_eq!(due.len(), 200);
        assert!(got.iter().map(|(slot, _)| slot.intended).eq(due));
        assert!(got.iter().all(|(slot, at)| *at >= slot.intended));
        pacer.0.await.unwrap();
    }
}
