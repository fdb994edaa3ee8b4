//! The clocks of the workers, compared with that of the coordinator.

use std::time::Duration;

use hearback_history::Nanoseconds;
use hearback_loadtests::machine;

use crate::nats::Channel;

/// Number of times that each worker is asked for its time.
const ROUNDS: usize = 16;
/// Time in which it answers.
const TIMEOUT: Duration = Duration::from_secs(1);

/// The monotonic clock of a worker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct WorkerClock {
    /// Difference to the coordinator's time, in nanoseconds.
    offset: i128,
    /// Bound of the error of the offset: half of the shortest round trip. `None` if the worker did not answer.
    pub(super) error: Option<Nanoseconds>,
}

impl WorkerClock {
    /// A clock from one answer: the coordinator's times of the question and of the answer, and the worker's time.
    fn of(asked: Nanoseconds, answered: Nanoseconds, reported: Nanoseconds) -> Self {
        let middle = i128::from(asked.get()) + i128::from(answered.get() - asked.get()) / 2;
        Self {
            offset: i128::from(reported.get()) - middle,
            error: Some(answered.saturating_sub(asked) / 2),
        }
    }

    /// A moment of the coordinator's clock, on the worker's.
    pub(super) fn at(&self, moment: Nanoseconds) -> Nanoseconds {
        let moment = i128::from(moment.get()) + self.offset;
        Nanoseconds::new(u64::try_from(moment.max(0)).unwrap_or(u64::MAX))
    }
}

/// Compares the clock of every worker with that of this process.
pub(super) async fn measure(channel: &Channel, workers: usize) -> Vec<WorkerClock> {
    let mut clocks = Vec::with_capacity(workers);
    for worker in 0..workers {
        // A worker that does not answer is given up later; until then, its clock is taken for ours.
        let mut best = WorkerClock { offset: 0, error: None };
        for _ in 0..ROUNDS {
            let asked = machine::monotonic();
            let request = channel.client().request(channel.clock_of(worker), "".into());
            let Ok(Ok(answer)) = tokio::time::timeout(TIMEOUT, request).await else { break };
            let answered = machine::monotonic();
            let reported = std::str::from_utf8(&answer.payload).ok().and_then(|it| it.parse().ok());
            let Some(reported) = reported.map(Nanoseconds::new) else { break };
            let clock = WorkerClock::of(asked, answered, reported);
            let is_better = best.error.is_none_or(|error| clock.error.is_some_and(|it| it < error));
            best = if is_better { clock } else { best };
        }
        clocks.push(best);
    }
    clocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_those_in_the_middle_of_the_round_trip() {
        let [asked, answered] = [1_000, 1_400].map(Nanoseconds::new);
        for reported in [200, 900_000] {
            let clock = WorkerClock::of(asked, answered, Nanoseconds::new(reported));
            assert_eq!(clock.error, Some(Nanoseconds::new(200)));
            assert_eq!(clock.at(Nanoseconds::new(1_200)).get(), reported);
            assert_eq!(clock.at(Nanoseconds::new(2_200)).get(), reported + 1_000);
        }
    }
}
