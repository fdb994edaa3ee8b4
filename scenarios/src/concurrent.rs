//! Runs many scenarios at the same time.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use hearback_history::ScenarioEnd;

use crate::interpreter::Interpreter;
use crate::scenario::Scenario;

/// Time after which the concurrency is looked up again, although no scenario has ended.
const INTERVAL: Duration = Duration::from_millis(250);

/// Runs `scenarios` in their order, at most `concurrency` of them at a time; returns those that were not started
/// before the interpreter was cancelled.
///
/// Each scenario creates its own rooms, so that they do not affect each other. `finished` receives the end
/// of each scenario.
pub async fn run_all(
    interpreter: Arc<Interpreter>,
    scenarios: Vec<Scenario>,
    concurrency: impl Fn() -> usize,
    mut finished: impl FnMut(&Scenario, &ScenarioEnd),
) -> Vec<Scenario> {
    let mut waiting = scenarios.into_iter().enumerate();
    let mut running = FuturesUnordered::new();
    loop {
        while running.len() < concurrency().max(1)
            && !interpreter.is_cancelled()
            && let Some((index, scenario)) = waiting.next()
        {
            let interpreter = interpreter.clone();
            running.push(async move {
                let end = interpreter.run(&scenario, index).await;
                (scenario, end)
            });
        }
        // The concurrency may have grown meanwhile.
        let Ok(next) = tokio::time::timeout(INTERVAL, running.next()).await else { continue };
        match next {
            Some((scenario, end)) => finished(&scenario, &end),
            None => return waiting.map(|(_, scenario)| scenario).collect(),
        }
    }
}
