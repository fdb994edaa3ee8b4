//! From a scenario that shows a defect to a small one that shows the same.
//!
//! The search is pure: what it makes smaller it hands to `attempt`, which says whether the same is broken
//! still. It leaves out steps in ever smaller chunks, then what runs beside others, then actors, and cuts
//! what is sent last. What happens only now and then is tried again before it counts as gone.

mod candidate;
mod payload;

use std::collections::HashSet;
use std::time::Duration;

use hearback_scenarios::{Action, Scenario, parse, write};
use tokio::time::Instant;

/// How long the search may go on.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How often a scenario may be carried out, in all.
    pub attempts: usize,
    /// How long it may take, in all.
    pub time: Duration,
    /// How often the result is carried out in the end, to say how often it shows the defect.
    pub confirmations: usize,
}

/// What the search has come to.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The smallest scenario found that shows the defect; the first one, if it never did again.
    pub scenario: Scenario,
    /// How often it showed it, of [`confirmed`](Self::confirmed) times, in the end.
    pub reproduced: usize,
    /// How often it was carried out in the end.
    pub confirmed: usize,
    /// How often a scenario was carried out, in all.
    pub attempts: usize,
    /// Whether nothing more could be left out; otherwise a bound ended the search.
    pub is_minimal: bool,
}

/// How often something concurrent is tried at least before it counts as gone.
const TRIES: usize = 3;

/// How often it is tried at most.
const MOST_TRIES: usize = 8;

/// Makes `scenario` smaller for as long as `attempt` finds that the same is broken.
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
    let (mut reproduced, mut confirmed) = search.confirm(TRIES).await;
    // What depends on who comes first may take a while to happen again.
    while reproduced == 0 && confirmed < MOST_TRIES && !search.is_over() {
        let (happened, of) = search.confirm(1).await;
        (reproduced, confirmed) = (reproduced + happened, confirmed + of);
    }
    let is_minimal = if reproduced > 0 {
        search.tries = tries(reproduced, confirmed);
        search.reduce().await
    } else {
        false
    };
    if reproduced > 0 {
        (reproduced, confirmed) = search.confirm_at_last().await;
    }
    let Search { best, attempts, .. } = search;
    Shrunk { scenario: best, reproduced, confirmed, attempts, is_minimal }
}

/// How often something must not happen for it to count as gone: it is missed once in twenty then.
fn tries(happened: usize, of: usize) -> usize {
    let missed = 1.0 - (happened as f64 - 0.5) / of as f64;
    let needed = (0.05_f64.ln() / missed.ln()).ceil();
    (needed as usize).clamp(1, MOST_TRIES)
}

struct Search<A> {
    attempt: A,
    best: Scenario,
    /// Candidates that were tried, as files.
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

    async fn happens(&mut self, candidate: &Scenario) -> bool {
        self.attempts += 1;
        (self.attempt)(candidate).await
    }

    /// How often the best one shows the defect, of how many times.
    async fn confirm(&mut self, times: usize) -> (usize, usize) {
        let best = self.best.clone();
        let (mut happened, mut of) = (0, 0);
        while of < times && !self.is_over() {
            happened += usize::from(self.happens(&best).await);
            of += 1;
        }
        (happened, of)
    }

    /// The same in the end, for which there is always time: that is what the reader must know.
    async fn confirm_at_last(&mut self) -> (usize, usize) {
        let best = self.best.clone();
        let mut happened = 0;
        for _ in 0..self.bounds.confirmations {
            happened += usize::from(self.happens(&best).await);
        }
        (happened, self.bounds.confirmations)
    }

    /// Takes a candidate for the best one, if it shows the defect.
    async fn accept(&mut self, mut candidate: Scenario) -> bool {
        candidate.renumber();
        if candidate == self.best || !self.seen.insert(write(&candidate)) {
            return false;
        }
        let tries = match is_concurrent(&candidate) {
            true => self.tries.max(TRIES),
            // What happens one after the other happens again; but the target has a say in that.
            false => self.tries.min(TRIES),
        };
        for _ in 0..tries {
            if self.is_over() {
                return false;
            }
            if self.happens(&candidate).await {
                self.best = candidate;
                return true;
            }
        }
        false
    }

    /// Whether there is nothing left to leave out; `false` if a bound came first.
    async fn reduce(&mut self) -> bool {
        self.fewer_steps().await;
        self.each(payload::smaller).await;
        // What sends next to nothing may not be needed; and what did not happen once may happen now.
        self.seen.clear();
        self.fewer_steps().await;
        let strict = Scenario { best_effort: false, ..self.best.clone() };
        if self.best.best_effort && is_sound(&strict) {
            self.accept(strict).await;
        }
        !self.is_over()
    }

    /// Leaves out steps, branches and actors, for as long as that helps.
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

    /// Leaves out ever smaller chunks of one list of steps.
    async fn chunks(&mut self, list: &candidate::Path) {
        let mut size = candidate::length(&self.best, list);
        while size > 0 && !self.is_over() {
            let mut start = 0;
            let mut is_smaller = false;
            while start < candidate::length(&self.best, list) && !self.is_over() {
                let without = candidate::without(&self.best, list, start..start + size);
                match self.accept(without).await {
                    // What comes next stands there now.
                    true => is_smaller = true,
                    false => start += size,
                }
            }
            // Once a step has gone, those before it may not be needed any more.
            if size > 1 || !is_smaller {
                size /= 2;
            }
        }
    }

    /// Tries the candidates that `smaller` makes of the best one, anew whenever there is a better one.
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

/// Whether the reader finds nothing wrong with it.
fn is_sound(scenario: &Scenario) -> bool {
    let parsed = parse(scenario.name.as_str(), &scenario.file, &write(scenario));
    parsed.diagnostics.diagnostics.is_empty()
}

#[cfg(test)]
mod tests;
