//! Runs of many servers, some of them at the same time.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::rows::Rows;
use crate::context::Context;
use crate::error::RunError;
use crate::event::Event;

/// A run that gives a `T`.
pub(super) type Job<T> = BoxFuture<'static, Result<T, RunError>>;

/// Awaits `run` for each item, for `jobs` of them at the same time; gives the results in the order of the items. If the
/// run is cancelled, those of finished runs.
///
/// # Errors
/// The first error of a run. The other runs are aborted.
pub(super) async fn in_order<I, T: Send + 'static>(
    jobs: usize,
    items: impl IntoIterator<Item = I>,
    context: &Context,
    name: impl Fn(&I) -> String,
    run: impl Fn(I) -> Job<T>,
) -> Result<Rows<T>, RunError> {
    let jobs = Arc::new(Semaphore::new(jobs.max(1)));
    let mut runs = JoinSet::new();
    let mut missing = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        missing.push(Some(name(&item)));
        let (jobs, context, job) = (jobs.clone(), context.clone(), run(item));
        runs.spawn(async move {
            let _job = jobs.acquire_owned().await;
            let result = match context.is_cancelled() {
                true => Err(RunError::Interrupted),
                false => job.await,
            };
            (index, result)
        });
    }
    let all = runs.len();
    let mut results = Vec::with_capacity(all);
    while let Some(finished) = runs.join_next().await {
        match finished {
            Ok((index, Ok(result))) => {
                missing[index] = None;
                results.push((index, result));
            }
            Ok((_, Err(RunError::Interrupted))) => {}
            Ok((_, Err(error))) => return Err(error),
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
        context.emit(Event::FaultTested { done: results.len(), all });
    }
    results.sort_by_key(|(index, _)| *index);
    let finished = results.into_iter().map(|(_, result)| result).collect();
    Ok(Rows { finished, missing: missing.into_iter().flatten().collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_interruption_keeps_what_is_finished_and_names_the_rest() {
        let context = Context::default();
        let rows = in_order(1, ["one", "two", "three"], &context, ToString::to_string, |item| {
            let context = context.clone();
            Box::pin(async move {
                if item == "two" {
                    context.cancellation.cancel();
                    return Err(RunError::Interrupted);
                }
                Ok(item)
            })
        });
        let rows = rows.await.unwrap();
        assert_eq!(
            (rows.finished, rows.missing),
            (vec!["one"], vec!["two".into(), "three".into()])
        );
    }

    #[tokio::test]
    async fn an_error_of_a_run_ends_all() {
        let context = Context::default();
        let rows = in_order(2, [1, 2], &context, ToString::to_string, |item| {
            Box::pin(async move { if item == 1 { Err(RunError::NoCreator) } else { Ok(item) } })
        });
        assert!(matches!(rows.await, Err(RunError::NoCreator)));
    }
}
