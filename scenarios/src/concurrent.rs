//! Runs many scenarios at the same time.

use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream;
use hearback_history::ScenarioEnd;

use crate::interpreter::Interpreter;
use crate::scenario::Scenario;

/// Runs `scenarios` in their order, at most `concurrency` of them at a time.
///
/// Each scenario creates its own rooms, so that they do not affect each other. `finished` receives the end
/// of each scenario.
pub async fn run_all(
    interpreter: Arc<Interpreter>,
    scenarios: Vec<Scenario>,
    concurrency: usize,
    mut finished: impl FnMut(&Scenario, &ScenarioEnd),
) {
    let mut running = stream::iter(scenarios.into_iter().enumerate())
        .map(|(index, scenario)| {
            let interpreter = interpreter.clone();
            async move {
                let end = interpreter.run(&scenario, index).await;
                (scenario, end)
            }
        })
        .buffer_unordered(concurrency.max(1));
    while let Some((scenario, end)) = running.next().await {
        finished(&scenario, &end);
    }
}
