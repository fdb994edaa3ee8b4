//! Runs of many servers, some of them at the same time.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::context::Context;
use crate::error::RunError;
use crate::event::Event;

/// Awaits `run` for each item, for `jobs` of them at the same time; gives the results in the order of the items.
///
/// # Errors
/// The first error of a run, or [`RunError::Interrupted`] if the run is cancelled. The other runs are aborted.
pub(super) async fn in_order<I, T: Send + 'static>(
    jobs: usize,
    items: impl IntoIterator<Item = I>,
    context: &Context,
    run: impl Fn(I) -> Job<T>,
) -> Result<Vec<T>, RunError> {
    let jobs = Arc::new(Semaphore::new(jobs.max(1)));
    let mut runs = JoinSet::new();
    for (index, item) in items.into_iter().enumerate() {
        let (jobs, context, job) = (jobs.clone(), context.clone(), run(item));
        runs.spawn(async move {
            let _job = jobs.acquire_owned().await;
            if context.is_cancelled() {
                return Err(RunError::Interrupted);
            }
            Ok((index, job.await?))
        });
    }
    let all = runs.len();
    let mut results = Vec::with_capacity(all);
    while let Some(finished) = runs.join_next().await {
        match finished {
            Ok(result) => results.push(result?),
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
        context.emit(Event::FaultTested { done: results.len(), all });
    }
    results.sort_by_key(|(index, _)| *index);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

/// A run that gives a `T`.
pub(super) type Job<T> = futures_util::future::BoxFuture<'static, Result<T, RunError>>;
