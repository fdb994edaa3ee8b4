//! Runs scenarios against a target and checks what happened.

use hearback_checker::Verdicts;
use hearback_history::{History, Sink};
use hearback_scenarios::Scenario;
use tokio::time::Instant;

use crate::confirm::longest;
use crate::context::Context;
use crate::error::RunError;
use crate::minimize::Limits;
use crate::run::{Run, needs_sockets};
use crate::session::Session;
use crate::target::TargetUnderTest;

/// Runs scenarios; `sinks` receive the events meanwhile. Only the run's selected requirements are checked.
///
/// # Errors
/// If the target cannot be tested at all. A target that fails later is part of the history.
pub async fn check(
    run: &Run,
    target: TargetUnderTest,
    scenarios: Vec<Scenario>,
    context: &Context,
    sinks: Vec<Box<dyn Sink>>,
) -> Result<(History, Verdicts), RunError> {
    Ok(perform(run, target, scenarios, context, sinks).await?.close(run.selection()).await)
}

/// Runs scenarios and checks every requirement, whether or not it is selected.
///
/// # Errors
/// As [`check`].
pub async fn check_all(
    run: &Run,
    target: TargetUnderTest,
    scenarios: Vec<Scenario>,
    context: &Context,
    sinks: Vec<Box<dyn Sink>>,
) -> Result<(History, Verdicts), RunError> {
    Ok(perform(run, target, scenarios, context, sinks).await?.close(|_| true).await)
}

/// Runs scenarios like [`check`]; findings are then repeated, and those of generated scenarios minimized.
///
/// # Errors
/// As [`check`].
pub async fn check_and_confirm(
    run: &Run,
    target: TargetUnderTest,
    scenarios: Vec<Scenario>,
    context: &Context,
) -> Result<(History, Verdicts), RunError> {
    let mut session = perform(run, target, scenarios.clone(), context, Vec::new()).await?;
    if !session.is_over() {
        let (_, verdicts) = session.check().await;
        let started = Instant::now();
        let time = session.budget.left(longest(run.max_duration));
        let repetitions = session.confirm(&scenarios, &verdicts, time).await;
        // Both share one bound, so that a slow target does not make the run longer.
        let time = session.budget.left(Limits::CHECK.time.saturating_sub(started.elapsed()));
        let limits = Limits { time, ..Limits::CHECK };
        session.minimize(&scenarios, &verdicts, &repetitions, limits).await;
    }
    Ok(session.close(run.selection()).await)
}

async fn perform(
    run: &Run,
    target: TargetUnderTest,
    scenarios: Vec<Scenario>,
    context: &Context,
    sinks: Vec<Box<dyn Sink>>,
) -> Result<Session, RunError> {
    let needs_sockets = needs_sockets(&scenarios);
    let mut session = Session::open(run, target, needs_sockets, context, sinks).await?;
    // Scenarios that did not run to their end are part of the history.
    let _any_completed = session.perform(scenarios).await;
    Ok(session)
}
