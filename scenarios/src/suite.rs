//! Carrying out many scenarios side by side.

use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream;
use hearback_history::ScenarioEnd;

use crate::interpreter::Interpreter;
use crate::scenario::Scenario;

/// Carries out `scenarios`, at most `concurrency` of them at a time, in their order.
///
/// Each makes rooms of its own, so they do not disturb each other. `finished` is told of each end.
pub async fn perform(
    interpreter: Arc<Interpreter>,
    scenarios: Vec<Scenario>,
    concurrency: usize,
    mut finished: impl FnMut(&Scenario, &ScenarioEnd),
) {
    let mut performances = stream::iter(scenarios.into_iter().enumerate())
        .map(|(turn, scenario)| {
            let interpreter = interpreter.clone();
            async move {
                let end = interpreter.perform(&scenario, turn).await;
                (scenario, end)
            }
        })
        .buffer_unordered(concurrency.max(1));
    while let Some((scenario, end)) = performances.next().await {
        finished(&scenario, &end);
    }
}
