//! The clocks of the workers, compared with that of the coordinator.

use std::sync::Arc;
use std::time::Duration;

use hearback_history::Nanoseconds;
use hearback_loadtests::machine;
use parking_lot::Mutex;
use tokio::task::JoinHandle;

use crate::nats::Channel;

/// Number of times that each worker is asked for its time.
const ROUNDS: usize = 16;
/// Time between two comparisons during a run.
const DRIFT_INTERVAL: Duration = Duration::from_secs(5);
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

    /// Bound of the error of times that were converted with this clock, after it was measured again; `None` if it was not.
    fn error_after(&self, now: Self) -> Option<Nanoseconds> {
        let drift = u64::try_from((now.offset - self.offset).abs()).ok()?;
        Some(Nanoseconds::new(drift) + self.error? + now.error?)
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
        clocks.push(measure_one(channel, worker).await);
    }
    clocks
}

async fn measure_one(channel: &Channel, worker: usize) -> WorkerClock {
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
    best
}

/// Bound of the error between any two of several clocks: the sum of the two largest; `None` if one could not be compared.
pub(super) fn error_between(
    errors: impl Iterator<Item = Option<Nanoseconds>>,
) -> Option<Nanoseconds> {
    let mut errors = errors.collect::<Option<Vec<_>>>()?;
    errors.sort_unstable_by_key(|error| std::cmp::Reverse(*error));
    Some(errors.into_iter().take(2).sum())
}

/// Observes how far the clocks of the workers drift apart during a run.
pub(super) struct Drift {
    /// By worker, the largest error of a time that was converted with the clock at the start.
    errors: Arc<Mutex<Vec<Option<Nanoseconds>>>>,
    task: JoinHandle<()>,
}

impl Drift {
    /// Observes clocks that were measured at the start.
    pub(super) fn observe(channel: &Channel, clocks: &[WorkerClock]) -> Self {
        let errors: Vec<_> = clocks.iter().map(|clock| clock.error).collect();
        let errors = Arc::new(Mutex::new(errors));
        let (shared, channel, clocks) = (Arc::clone(&errors), channel.clone(), clocks.to_vec());
        let task = tokio::spawn(async move {
            loop {
                tokio::time::sleep(DRIFT_INTERVAL).await;
                for (worker, start) in clocks.iter().enumerate() {
                    let now = measure_one(&channel, worker).await;
                    if let (Some(error), Some(drifted)) =
                        (&mut shared.lock()[worker], start.error_after(now))
                    {
                        *error = drifted.max(*error);
                    }
                }
            }
        });
        Self { errors, task }
    }

    /// Bound of the error between any two clocks so far.
    pub(super) fn error(&self) -> Option<Nanoseconds> {
        error_between(self.errors.lock().iter().copied())
    }
}

impl Drop for Drift {
    fn drop(&mut self) {
        self.task.abort();
    }
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

    #[test]
    fn drift_adds_to_the_errors_of_both_comparisons() {
        let clock = |offset, error| WorkerClock { offset, error: Some(Nanoseconds::new(error)) };
        assert_eq!(clock(500, 10).error_after(clock(460, 20)), Some(Nanoseconds::new(70)));
        assert_eq!(clock(500, 10).error_after(WorkerClock { offset: 0, error: None }), None);
    }

    #[test]
    fn two_clocks_have_the_errors_of_both() {
        let error = |errors: &[u64]| {
            let errors = errors.iter().map(|error| Some(Nanoseconds::new(*error)));
            error_between(errors).map(Nanoseconds::get)
        };
        assert_eq!(error(&[3, 9, 5]), Some(14));
        assert_eq!(error(&[3]), Some(3));
        assert_eq!(error_between([Some(Nanoseconds::new(3)), None].into_iter()), None);
    }
}
