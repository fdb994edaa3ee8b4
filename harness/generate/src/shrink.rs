//! Shrinks a scenario that reproduces a defect.
//!
//! The search calls `attempt` with smaller candidates, and keeps those that still reproduce the defect. It
//! removes steps in chunks of decreasing size, then parallel branches, then actors, and shortens payloads
//! last. Candidates for intermittent defects are tried several times before they are discarded.

mod candidate;
mod payload;

use std::collections::HashSet;
use std::time::Duration;

use hearback_scenarios::{Action, Scenario, parse, write};
use tokio::time::Instant;

/// The bounds of a search.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Maximum number of scenarios that are run.
    pub attempts: usize,
    /// Maximum duration.
    pub time: Duration,
    /// Number of final runs of the result, which measure how often it reproduces the defect.
    pub confirmations: usize,
}

/// The result of a search.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The smallest scenario that reproduced the defect; the original if none did.
    pub scenario: Scenario,
    /// Number of final runs that reproduced the defect.
    pub reproduced: usize,
    /// Number of final runs.
    pub confirmed: usize,
    /// Number of all runs.
    pub attempts: usize,
    /// True if nothing more could be removed; false if a bound ended the search.
    pub is_minimal: bool,
}

/// The minimum number of tries of a concurrent candidate before it is discarded.
const MIN_TRIES: usize = 3;

/// The maximum number of tries.
const MAX_TRIES: usize = 8;

/// Shrinks `scenario` as long as `attempt` returns true, which means that the defect is reproduced.
pub async fn shrink(
    scenario: &Scenario,
    bounds: Bounds,
    attempt: impl AsyncFnMut(&Scenario) -> bool,
) -> Shrunk {
    let mut search = Search {
        attempt,
        best: scenario.clone(),
        seen: HashSet::new(),
        attempts: 0,
        tries: 1,
        bounds,
        deadline: Instant::now() + bounds.time,
    };
    let (mut reproduced, mut confirmed) = search.confirm(MIN_TRIES).await;
    // Race conditions may require several tries.
    while reproduced == 0 && confirmed < MAX_TRIES && !search.is_over() {
        let (reproductions, runs) = search.confirm(1).await;
        (reproduced, confirmed) = (reproduced + reproductions, confirmed + runs);
    }
    let is_minimal = if reproduced > 0 {
        search.tries = tries(reproduced, confirmed);
        search.reduce().await
    } else {
        false
    };
    if reproduced > 0 {
        (reproduced, confirmed) = search.confirm_result().await;
    }
    let Search { best, attempts, .. } = search;
    Shrunk { scenario: best, reproduced, confirmed, attempts, is_minimal }
}

/// The number of tries after which an intermittent defect is missed with a probability of 5 %.
fn tries(reproduced: usize, runs: usize) -> usize {
    let missed = 1.0 - (reproduced as f64 - 0.5) / runs as f64;
    let needed = (0.05_f64.ln() / missed.ln()).ceil();
    (needed as usize).clamp(1, MAX_TRIES)
}

struct Search<A> {
    attempt: A,
    best: Scenario,
    /// The files of the candidates that were tried.
    seen: HashSet<String>,
    attempts: usize,
    tries: usize,
    bounds: Bounds,
    deadline: Instant,
}

impl<A: AsyncFnMut(&Scenario) -> bool> Search<A> {
    fn is_over(&self) -> bool {
        self.attempts >= self.bounds.attempts || Instant::now() >= self.deadline
    }

    async fn reproduces(&mut self, candidate: &Scenario) -> bool {
        self.attempts += 1;
        (self.attempt)(candidate).await
    }

    /// Runs the best scenario at most `times` times; returns the numbers of reproductions and runs.
    async fn confirm(&mut self, times: usize) -> (usize, usize) {
        let best = self.best.clone();
        let (mut reproduced, mut runs) = (0, 0);
        while runs < times && !self.is_over() {
            reproduced += usize::from(self.reproduces(&best).await);
            runs += 1;
        }
        (reproduced, runs)
    }

    /// Runs the result regardless of the bounds; returns the numbers of reproductions and runs.
    async fn confirm_result(&mut self) -> (usize, usize) {
        let best = self.best.clone();
        let mut reproduced = 0;
        for _ in 0..self.bounds.confirmations {
            reproduced += usize::from(self.reproduces(&best).await);
        }
        (reproduced, self.bounds.confirmations)
    }

    /// Replaces the best scenario by a candidate that reproduces the defect; returns true if it does.
    async fn accept(&mut self, mut candidate: Scenario) -> bool {
        candidate.renumber();
        if candidate == self.best || !self.seen.insert(write(&candidate)) {
            return false;
        }
        let tries = match is_concurrent(&candidate) {
            true => self.tries.max(MIN_TRIES),
            // Sequential scenarios are mostly deterministic, but the target may not be.
            false => self.tries.min(MIN_TRIES),
        };
        for _ in 0..tries {
            if self.is_over() {
                return false;
            }
            if self.reproduces(&candidate).await {
                self.best = candidate;
                return true;
            }
        }
        false
    }

    /// Shrinks the best scenario; returns false if a bound ended the search.
    async fn reduce(&mut self) -> bool {
        self.fewer_steps().await;
        self.each(payload::smaller).await;
        // Steps with smaller payloads may be removable, and intermittent defects may be reproduced now.
        self.seen.clear();
        self.fewer_steps().await;
        let strict = Scenario { best_effort: false, ..self.best.clone() };
        if self.best.best_effort && is_valid(&strict) {
            self.accept(strict).await;
        }
        !self.is_over()
    }

    /// Removes steps, branches and actors until nothing more can be removed.
    async fn fewer_steps(&mut self) {
        loop {
            let before = self.best.clone();
            for list in candidate::lists(&self.best) {
                self.chunks(&list).await;
            }
            self.each(candidate::simpler_steps).await;
            self.each(candidate::fewer_actors).await;
            if self.best == before || self.is_over() {
                return;
            }
        }
    }

    /// Removes chunks of decreasing size from one list of steps.
    async fn chunks(&mut self, list: &candidate::Path) {
        let mut size = candidate::length(&self.best, list);
        while size > 0 && !self.is_over() {
            let mut start = 0;
            let mut is_smaller = false;
            while start < candidate::length(&self.best, list) && !self.is_over() {
                let without = candidate::without(&self.best, list, start..start + size);
                match self.accept(without).await {
                    // The following steps have moved to `start`.
                    true => is_smaller = true,
                    false => start += size,
                }
            }
            // Steps before a removed one may have become unnecessary.
            if size > 1 || !is_smaller {
                size /= 2;
            }
        }
    }

    /// Tries the candidates that `smaller` derives from the best scenario, and repeats after each success.
    async fn each(&mut self, smaller: impl Fn(&Scenario) -> Vec<Scenario>) {
        loop {
            let candidates = smaller(&self.best);
            let mut is_better = false;
            for candidate in candidates {
                if self.is_over() {
                    return;
                }
                if self.accept(candidate).await {
                    is_better = true;
                    break;
                }
            }
            if !is_better {
                return;
            }
        }
    }
}

fn is_concurrent(scenario: &Scenario) -> bool {
    scenario.all_steps().iter().any(|step| matches!(step.action, Action::Parallel(_)))
}

/// True for scenarios without diagnostics.
fn is_valid(scenario: &Scenario) -> bool {
    let parsed = parse(scenario.name.as_str(), &scenario.file, &write(scenario));
    parsed.diagnostics.diagnostics.is_empty()
}

#[cfg(test)]
mod tests;
