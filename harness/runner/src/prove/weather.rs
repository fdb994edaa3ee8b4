//! The tolerance matrix: in any weather, a correct server breaks no requirement.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hearback_checker::State;
use hearback_contract::{Level, RequirementId};
use hearback_mutants::{FaultSet, WEATHER, WeatherSet};
use hearback_scenarios::Scenario;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::Options;
use crate::check::check_all;
use crate::concurrency::Concurrency;
use crate::context::Context;
use crate::error::RunError;
use crate::event::{Event, Observer};
use crate::run::{Identity, Run};
use crate::target::TargetUnderTest;

/// Minimum timeout for events and responses: bad weather is slow.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Largest number of kinds in a random combination.
const LARGEST_COMBINATION: usize = 3;

/// Result for one weather.
#[derive(Clone, Debug)]
pub struct WeatherRow {
    /// The weather.
    pub weather: WeatherSet,
    /// Binding requirements that were reported as broken.
    pub broken: Vec<RequirementId>,
    /// Number of requirements that held.
    pub held: usize,
    /// Number of requirements that were undecided or not exercised.
    pub open: usize,
    /// Duration of the run.
    pub duration: Duration,
}

impl WeatherRow {
    /// Returns whether no *must* was reported as broken.
    pub fn holds(&self) -> bool {
        self.broken.iter().all(|id| id.requirement().level < Level::Must)
    }
}

/// Every kind of weather alone, and a number of random combinations of two or three kinds.
pub fn weather_sets(combinations: usize, seed: u64) -> Vec<WeatherSet> {
    let mut sets: Vec<_> = WEATHER.iter().map(WeatherSet::of).collect();
    let mut random = fastrand::Rng::with_seed(seed);
    for _ in 0..combinations {
        let size = random.usize(2..=LARGEST_COMBINATION);
        let mut set = WeatherSet::default();
        for index in random.choose_multiple(0..WEATHER.len(), size) {
            // The indices differ, so no kind is added twice.
            set.extend(WeatherSet::of(&WEATHER[index])).ok();
        }
        sets.push(set);
    }
    sets
}

/// Runs scenarios against the correct server in each weather, `options.jobs` at the same time.
///
/// # Errors
/// If a server cannot be started or tested, or the run is cancelled.
pub async fn prove_weather(
    options: &Options,
    sets: Vec<WeatherSet>,
    scenarios: &[Scenario],
    context: &Context,
) -> Result<Vec<WeatherRow>, RunError> {
    let jobs = Arc::new(Semaphore::new(options.jobs.max(1)));
    let scenarios: Arc<[Scenario]> = scenarios.into();
    let mut runs = JoinSet::new();
    let all = sets.len();
    for (index, weather) in sets.into_iter().enumerate() {
        let (jobs, options, context) = (jobs.clone(), options.clone(), context.clone());
        let scenarios = scenarios.clone();
        runs.spawn(async move {
            let _job = jobs.acquire_owned().await;
            let row = row(&options, weather, scenarios.to_vec(), &context).await?;
            Ok::<_, RunError>((index, row))
        });
    }
    let mut rows = Vec::new();
    while let Some(finished) = runs.join_next().await {
        match finished {
            Ok(row) => rows.push(row?),
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
        context.emit(Event::FaultTested { done: rows.len(), all });
    }
    rows.sort_by_key(|(index, _)| *index);
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

async fn row(
    options: &Options,
    weather: WeatherSet,
    scenarios: Vec<Scenario>,
    context: &Context,
) -> Result<WeatherRow, RunError> {
    if context.is_cancelled() {
        return Err(RunError::Interrupted);
    }
    let timeout = options.timeout.max(TIMEOUT);
    let run = Run {
        identity: Identity { name: "weather".to_owned(), seed: options.seed },
        selected: RequirementId::all().collect(),
        timeout,
        response_timeout: timeout,
        concurrency: Concurrency::Fixed(options.concurrency),
        max_duration: None,
        logins_per_minute: None,
        journal: None,
    };
    let target = TargetUnderTest::embedded(FaultSet::default(), &weather).await?;
    let quiet = Context { observer: Observer::default(), ..context.clone() };
    let started = Instant::now();
    let (_, verdicts) = check_all(&run, target, scenarios, &quiet, Vec::new()).await?;
    if context.is_cancelled() {
        return Err(RunError::Interrupted);
    }
    let count = |state| verdicts.in_state(state).count();
    let broken = verdicts.in_state(State::Broken).map(|verdict| verdict.requirement);
    Ok(WeatherRow {
        weather,
        broken: broken.filter(|id| id.requirement().level > Level::Note).collect(),
        held: count(State::Held),
        open: count(State::Undecided) + count(State::NotExercised),
        duration: started.elapsed(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_depend_on_the_seed_only() {
        let texts =
            |seed| -> Vec<_> { weather_sets(5, seed).iter().map(ToString::to_string).collect() };
        assert_eq!(texts(1), texts(1));
        assert_ne!(texts(1), texts(2));
        assert_eq!(texts(1).len(), WEATHER.len() + 5);
        let sizes = weather_sets(20, 3).into_iter().skip(WEATHER.len());
        assert!(sizes.map(|set| set.iter().count()).all(|size| (2..=3).contains(&size)));
    }
}
