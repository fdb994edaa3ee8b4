//! Confirmation: repeats the scenarios that show findings, alone and in fresh rooms.

mod plan;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use hearback_checker::Verdicts;
use hearback_contract::RequirementId;
use hearback_history::{EventKind, Obstacle, Repetitions, ScenarioEnd, ScenarioName, Unrepeated};
use hearback_results::confirmation::{FEWEST_REPETITIONS, MOST_REPETITIONS};
use hearback_scenarios::{Scenario, concurrent};

use crate::alone::check_alone;
use crate::checking::blocking;
use crate::event::Event as Progress;
use crate::session::{Session, is_about_the_run};
use crate::time_budget::TimeBudget;

use plan::{Repeated, Subject, candidates, plan};

/// Maximum duration of all repetitions of a run; a part of the time of minimization, which follows.
const LONGEST: Duration = Duration::from_secs(15);

/// Share of the run's time that repetitions may take, as a divisor.
const SHARE: u32 = 4;

/// The numbers of the repetitions in each round; a finding that the first one shows each time needs no second one.
const ROUNDS: [Range<u32>; 2] = [0..FEWEST_REPETITIONS, FEWEST_REPETITIONS..MOST_REPETITIONS];

/// The repetitions of one finding.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    reproduced: u32,
    repetitions: u32,
    /// A reason why a repetition did not exercise the requirement.
    obstacle: Option<Unrepeated>,
}

impl Count {
    fn is_confirmed(&self) -> bool {
        self.reproduced >= FEWEST_REPETITIONS && self.reproduced == self.repetitions
    }

    fn is_undetermined(&self) -> bool {
        self.reproduced == 0 && self.repetitions < MOST_REPETITIONS
    }
}

/// The results of some repetitions.
struct Round {
    /// By the name of the repetition.
    verdicts: HashMap<ScenarioName, Verdicts>,
    ends: HashMap<ScenarioName, ScenarioEnd>,
    /// The reasons why requirements were not exercised.
    obstacles: Vec<(RequirementId, Unrepeated)>,
}

/// The maximum duration of the repetitions of a run.
pub(crate) fn longest(max_duration: Option<Duration>) -> Duration {
    max_duration.map_or(LONGEST, |whole| LONGEST.min(whole / SHARE))
}

impl Session {
    /// Repeats what broke requirements, as long as there is time, and records how often it was shown again. The
    /// repetitions are not part of the history.
    pub(crate) async fn confirm(
        &self,
        scenarios: &[Scenario],
        verdicts: &Verdicts,
        time: Duration,
    ) -> Vec<Repetitions> {
        let subjects = Subject::all(verdicts);
        if subjects.is_empty() {
            return Vec::new();
        }
        self.recorder.record(EventKind::Repeating);
        let repetitions = if time.is_zero() {
            let unrepeated =
                |subject: &Subject| subject.record(None, (0, 0), Some(Unrepeated::TimeBudget));
            subjects.iter().map(unrepeated).collect()
        } else {
            self.context.emit(Progress::Confirming { findings: subjects.len(), time });
            self.repeat(&subjects, scenarios, time).await
        };
        self.recorder.record(EventKind::Repeated { repetitions: repetitions.clone() });
        repetitions
    }

    async fn repeat(
        &self,
        subjects: &[Subject],
        scenarios: &[Scenario],
        time: Duration,
    ) -> Vec<Repetitions> {
        let budget = TimeBudget::begin(Some(time), self.interpreter.cancellation());
        let events = self.events.lock().clone();
        let names = candidates(subjects, scenarios);
        let wanted = requirements(subjects);
        let shown = blocking(move || check_alone(&events, &names, |id| wanted.contains(&id))).await;
        let repeated = plan(subjects, scenarios, &shown);
        // A short wait proves no absence.
        self.client().absence().forget_misses();
        tracing::info!(findings = subjects.len(), scenarios = repeated.len(), "repeating findings");
        let mut counts = vec![Count::default(); subjects.len()];
        for numbers in ROUNDS {
            let is_due = |it: &&Repeated<'_>| {
                it.subjects.iter().any(|subject| !counts[*subject].is_confirmed())
            };
            let due: Vec<_> = repeated.iter().filter(is_due).collect();
            let round = self.round(&due, numbers.clone(), subjects, &budget).await;
            for (scenario, number) in
                numbers.flat_map(|number| due.iter().map(move |it| (it, number)))
            {
                let first = &shown[&scenario.scenario.name];
                let name = repetition(&scenario.scenario.name, number);
                for subject in &scenario.subjects {
                    let count = &mut counts[*subject];
                    if number < FEWEST_REPETITIONS || !count.is_confirmed() {
                        count.add(&subjects[*subject], first, &name, &round);
                    }
                }
            }
        }
        let is_cut = |count: &Count| match count.obstacle {
            _ if !count.is_undetermined() => None,
            _ if self.context.is_cancelled() => Some(Unrepeated::Interrupted),
            _ if budget.stop().is_cancelled() => Some(Unrepeated::TimeBudget),
            obstacle => obstacle.or(Some(Unrepeated::NotExercised)),
        };
        let record = |(index, subject): (usize, &Subject)| {
            let own = repeated.iter().find(|it| it.subjects.contains(&index));
            let count = &counts[index];
            let obstacle = match own {
                Some(_) => is_cut(count),
                None => subject.obstacle(scenarios, &shown),
            };
            let scenario = own.map(|it| &it.scenario.name);
            subject.record(scenario, (count.reproduced, count.repetitions), obstacle)
        };
        subjects.iter().enumerate().map(record).collect()
    }

    /// Runs repetitions of scenarios with these numbers, and takes their events out of the history.
    async fn round(
        &self,
        scenarios: &[&Repeated<'_>],
        numbers: Range<u32>,
        subjects: &[Subject],
        budget: &TimeBudget,
    ) -> Round {
        let start = self.events.lock().len();
        let runs: Vec<_> = numbers
            .flat_map(|number| {
                scenarios.iter().map(move |it| Scenario {
                    name: repetition(&it.scenario.name, number),
                    ..it.scenario.clone()
                })
            })
            .collect();
        let names: Vec<_> = runs.iter().map(|scenario| scenario.name.clone()).collect();
        let mut ends = HashMap::new();
        let ended = |scenario: &Scenario, end: Option<&ScenarioEnd>| {
            ends.extend(end.map(|end| (scenario.name.clone(), end.clone())));
        };
        let interpreter = self.interpreter.with_cancellation(budget.stop().clone());
        let concurrency = || self.round_trips.concurrency();
        concurrent::run_all(Arc::new(interpreter), runs, concurrency, ended).await;
        let events: Vec<_> = {
            let mut events = self.events.lock();
            let own = events.split_off(start);
            let before = events.iter().filter(|event| is_about_the_run(event)).cloned();
            before.chain(own).collect()
        };
        let obstacles = events.iter().filter_map(|event| match &event.kind {
            EventKind::NotExercised { requirement, reason } => {
                Some((*requirement, unrepeated(reason)))
            }
            _ => None,
        });
        let obstacles = obstacles.collect();
        let wanted = requirements(subjects);
        let verdicts =
            blocking(move || check_alone(&events, &names, |id| wanted.contains(&id))).await;
        Round { verdicts, ends, obstacles }
    }
}

impl Count {
    /// Adds a repetition. One that did not reach its end proves only what it showed.
    fn add(
        &mut self,
        subject: &Subject,
        first: &Verdicts,
        repetition: &ScenarioName,
        round: &Round,
    ) {
        let again = round.verdicts.get(repetition);
        let is_shown = again.and_then(|again| subject.is_shown_again(first, again));
        match (is_shown, round.ends.get(repetition)) {
            (Some(true), _) => {
                self.reproduced += 1;
                self.repetitions += 1;
            }
            (Some(false), Some(ScenarioEnd::Completed)) => self.repetitions += 1,
            _ => {
                let own = round.obstacles.iter().find(|(id, _)| *id == subject.requirement);
                self.obstacle = self.obstacle.or(own.map(|(_, obstacle)| *obstacle));
            }
        }
    }
}

/// The name of a repetition of a scenario.
fn repetition(scenario: &ScenarioName, number: u32) -> ScenarioName {
    format!("{scenario}#{}", number + 1).as_str().into()
}

fn requirements(subjects: &[Subject]) -> Vec<RequirementId> {
    subjects.iter().map(|subject| subject.requirement).collect()
}

fn unrepeated(obstacle: &Obstacle) -> Unrepeated {
    match obstacle {
        Obstacle::TooFewAccounts { needed } => Unrepeated::TooFewAccounts(*needed),
        Obstacle::Throttled => Unrepeated::Throttled,
        Obstacle::Unavailable => Unrepeated::TargetGone,
        _ => Unrepeated::NotExercised,
    }
}
