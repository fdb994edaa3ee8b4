//! Runs many scenarios at the same time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use hearback_history::ScenarioEnd;

use crate::interpreter::Interpreter;
use crate::scenario::Scenario;
use crate::step::{Action, Step};

/// Time after which the concurrency is looked up again, although no scenario has ended.
const INTERVAL: Duration = Duration::from_millis(250);

/// Concurrency from which on the target is distant, and the longest scenario decides how long a run takes.
const DISTANT: usize = 16;

/// Number of pages of an average walk.
const PAGES: usize = 4;

/// Runs `scenarios`, at most `concurrency` of them at a time; returns those that were not started before the interpreter
/// was cancelled, or `concurrency` became 0. They start in their order, or the longest first if the target is distant.
///
/// Each scenario creates its own rooms, so that they do not affect each other. `observe` is called when each
/// scenario begins, and with its end. Scenarios that wait start first and run beside the others, because they take long and send little.
pub async fn run_all(
    interpreter: Arc<Interpreter>,
    scenarios: Vec<Scenario>,
    concurrency: impl Fn() -> usize,
    mut observe: impl FnMut(&Scenario, Option<&ScenarioEnd>),
) -> Vec<Scenario> {
    let all = scenarios.into_iter().enumerate();
    let (mut pausing, mut waiting): (VecDeque<_>, VecDeque<_>) =
        all.partition(|(_, scenario)| !scenario.waits().is_zero());
    let mut running = FuturesUnordered::new();
    let mut busy = 0;
    loop {
        while let limit = concurrency()
            && limit > 0
            && !interpreter.is_cancelled()
            && let Some((index, scenario)) = pausing.pop_front().or_else(|| {
                let is_free = busy < limit;
                is_free.then(|| next(&mut waiting, limit >= DISTANT)).flatten()
            })
        {
            busy += usize::from(scenario.waits().is_zero());
            observe(&scenario, None);
            let interpreter = interpreter.clone();
            running.push(async move {
                let end = interpreter.run(&scenario, index).await;
                (scenario, end)
            });
        }
        // The concurrency may have grown meanwhile.
        let Ok(next) = tokio::time::timeout(INTERVAL, running.next()).await else { continue };
        match next {
            Some((scenario, end)) => {
                busy -= usize::from(scenario.waits().is_zero());
                observe(&scenario, Some(&end));
            }
            None => return pausing.into_iter().chain(waiting).map(|(_, it)| it).collect(),
        }
    }
}

/// Takes the first scenario, or the longest.
fn next(waiting: &mut VecDeque<(usize, Scenario)>, longest: bool) -> Option<(usize, Scenario)> {
    if !longest {
        return waiting.pop_front();
    }
    let by_length = |index: &usize| length(&waiting[*index].1.steps);
    // The first of equally long ones.
    let position = (0..waiting.len()).rev().max_by_key(by_length)?;
    waiting.remove(position)
}

/// The approximate number of round trips of steps, one after another.
fn length(steps: &[Step]) -> usize {
    let of_step = |step: &Step| match &step.action {
        Action::Repeat { count, steps } => *count as usize * length(steps),
        Action::For { steps, .. } => length(steps),
        Action::Parallel(branches) => branches.iter().map(|it| length(it)).max().unwrap_or(0),
        Action::Walk { between, .. } => PAGES * (1 + length(between)),
        _ => 1,
    };
    steps.iter().map(of_step).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded;

    #[test]
    fn the_longest_scenarios_start_first_at_a_distant_target() {
        let mut waiting: VecDeque<_> = embedded().into_iter().enumerate().collect();
        let lengths: Vec<_> = waiting.iter().map(|(_, it)| length(&it.steps)).collect();
        let longest = *lengths.iter().max().unwrap();
        assert!(lengths[0] < longest);
        assert_eq!(next(&mut waiting, false).map(|(index, _)| index), Some(0));
        let (index, scenario) = next(&mut waiting, true).unwrap();
        assert_eq!(length(&scenario.steps), longest);
        assert_eq!(lengths.iter().position(|it| *it == longest), Some(index));
        waiting.clear();
        assert!(next(&mut waiting, true).is_none());
    }
}
