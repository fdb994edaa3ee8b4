//! The thread that hands out slots when they are due.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;

use hearback_measure::Nanoseconds;

use super::Timetable;
use crate::clock::Clock;

/// The longest sleep at a time, so that a stop is noticed.
const NAP: Nanoseconds = 100_000_000;

/// A message to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// When it was due, on the clock of the run.
    pub intended: Nanoseconds,
}

/// Hands out every slot of a timetable at its time, on a thread of its own. A slot is never skipped, and none
/// waits for anything but its time.
#[derive(Debug)]
pub struct Pacer {
    thread: JoinHandle<()>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    stopped: AtomicBool,
    handed_out: AtomicU64,
}

impl Pacer {
    /// Starts a thread that gives the slots of `timetable`, whose time 0 is `start`, to `receive`, which must
    /// not wait.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start(
        clock: Clock,
        start: Nanoseconds,
        timetable: Timetable,
        mut receive: impl FnMut(Slot) + Send + 'static,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("pacer".to_owned()).spawn(move || {
            for time in timetable {
                let intended = start + time;
                while clock.now() < intended {
                    if of_thread.stopped.load(Ordering::Relaxed) {
                        return;
                    }
                    clock.sleep_until(intended.min(clock.now() + NAP));
                }
                if of_thread.stopped.load(Ordering::Relaxed) {
                    return;
                }
                receive(Slot { intended });
                of_thread.handed_out.fetch_add(1, Ordering::Relaxed);
            }
        })?;
        Ok(Self { thread, shared })
    }

    /// Slots handed out by now.
    pub fn handed_out(&self) -> u64 {
        self.shared.handed_out.load(Ordering::Relaxed)
    }

    /// Whether all were handed out, or it was stopped.
    pub fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }

    /// Hands out no more.
    pub fn stop(&self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;
    use crate::schedule::{Phase, Shape};

    #[test]
    fn every_slot_comes_in_order_and_none_before_its_time() {
        let shape = Shape::Constant { rate: 2000.0 };
        let timetable = Timetable::new(&[Phase { shape, length: Duration::from_millis(100) }]);
        let clock = Clock::start();
        let (sender, slots) = mpsc::channel();
        let pacer = Pacer::start(clock, 5_000_000, timetable.clone(), move |slot| {
            sender.send((slot, clock.now())).unwrap();
        });
        let pacer = pacer.unwrap();
        let got: Vec<_> = slots.into_iter().collect();
        let due: Vec<_> = timetable.map(|time| time + 5_000_000).collect();
        assert!(got.iter().map(|(slot, _)| slot.intended).eq(due));
        assert!(got.iter().all(|(slot, at)| *at >= slot.intended));
        assert_eq!(pacer.handed_out(), 200);
    }
}
