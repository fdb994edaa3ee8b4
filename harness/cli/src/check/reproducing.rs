//! Bringing about again what a generated scenario showed, with as little as possible.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use hearback_checker::{Finding, State, Verdicts, check_history};
use hearback_contract::{Level, RequirementId};
use hearback_generate::shrink::{Bounds, Shrunk, shrink};
use hearback_history::{
    CallId, ConnectionId, Event, EventKind, History, Reproduction, ScenarioName,
};
use hearback_results::reproduction;
use hearback_scenarios::{Scenario, write};
use tokio::time::Instant;

use super::session::is_about_the_run;
use super::{Progress, Session};

/// How often the smallest scenario is carried out in the end, to say how often it shows the defect.
const CONFIRMATIONS: usize = 5;

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How many defects are brought about again.
    pub(crate) defects: usize,
    /// How often a scenario is carried out for each of them.
    pub(crate) attempts: usize,
    /// How long all of it may take.
    pub(crate) time: Duration,
}

impl Limits {
    /// For a check: a run is to end soon.
    pub(crate) const CHECK: Self =
        Self { defects: 5, attempts: 150, time: Duration::from_secs(20) };
    /// For fuzzing, where the reproduction is what is wanted.
    pub(crate) const FUZZ: Self =
        Self { defects: 3, attempts: 400, time: Duration::from_secs(120) };
}

impl Session<'_> {
    /// Makes small scenarios for the defects that were first seen in generated ones, the most binding
    /// requirements first; recorded, and written to the run's folder.
    pub(crate) async fn reproduce(
        &mut self,
        scenarios: &[Scenario],
        verdicts: &Verdicts,
        limits: Limits,
        progress: &Progress,
    ) {
        let deadline = Instant::now() + limits.time;
        let mut broken: Vec<_> = verdicts.in_state(State::Broken).collect();
        broken.sort_by_key(|verdict| std::cmp::Reverse(verdict.requirement.requirement().level));
        let generated: Vec<_> = scenarios.iter().filter(|it| is_generated(it)).collect();
        let is_generated = |finding: &&Finding| {
            generated.iter().any(|scenario| scenario.name.as_str() == finding.scenario)
        };
        let defects = broken.into_iter().filter_map(|verdict| {
            let binds = verdict.requirement.requirement().level > Level::Note;
            let finding = verdict.findings.first().filter(is_generated).filter(|_| binds)?;
            Some((verdict.requirement, finding))
        });
        let defects: Vec<_> = defects.take(limits.defects).collect();
        if defects.is_empty() {
            return;
        }
        let shown = self.shown_alone(&generated);
        for (requirement, finding) in defects {
            // Where somebody sees it, in a list of all rooms, is not always where it comes from.
            let by_itself = generated.iter().filter(|scenario| {
                shown.get(&scenario.name).is_some_and(|broken| broken.contains(&requirement))
            });
            let smallest = by_itself.min_by_key(|scenario| scenario.all_steps().len());
            let named = generated.iter().find(|it| it.name.as_str() == finding.scenario);
            let Some(scenario) = smallest.or(named) else { continue };
            let time = deadline.saturating_duration_since(Instant::now());
            if self.is_over() || time.is_zero() {
                return;
            }
            let attempts = limits.attempts;
            progress.say(&format!(
                "{requirement}: looking for the smallest scenario that breaks it, in at most \
                 {attempts} attempts and {} s",
                time.as_secs()
            ));
            let bounds = Bounds { attempts, time, confirmations: CONFIRMATIONS };
            self.reproduce_one(requirement, finding, scenario, bounds).await;
        }
    }

    /// What each scenario breaks, taken by itself.
    fn shown_alone(&self, scenarios: &[&Scenario]) -> HashMap<ScenarioName, Vec<RequirementId>> {
        let events = self.events.lock();
        let mut by_scenario: HashMap<&ScenarioName, Vec<&Event>> = HashMap::new();
        let mut calls: HashMap<CallId, &ScenarioName> = HashMap::new();
        let mut connections: HashMap<ConnectionId, &ScenarioName> = HashMap::new();
        for event in events.iter() {
            let scenario = match &event.kind {
                EventKind::Invoked(invocation) => {
                    calls.insert(invocation.call, &invocation.scenario);
                    Some(&invocation.scenario)
                }
                EventKind::Connecting { connection, scenario, .. } => {
                    connections.insert(*connection, scenario);
                    Some(scenario)
                }
                EventKind::ExpectationChecked(expectation) => Some(&expectation.scenario),
                EventKind::Returned { call, .. } | EventKind::Failed { call, .. } => {
                    calls.get(call).copied()
                }
                EventKind::Connected { connection }
                | EventKind::ConnectFailed { connection, .. }
                | EventKind::Sent { connection, .. }
                | EventKind::Received { connection, .. }
                | EventKind::Closed { connection, .. } => connections.get(connection).copied(),
                _ => None,
            };
            if let Some(scenario) = scenario {
                by_scenario.entry(scenario).or_default().push(event);
            }
        }
        let about_the_run = || events.iter().filter(|event| is_about_the_run(event));
        let mut shown = HashMap::new();
        for scenario in scenarios {
            let Some(own) = by_scenario.get(&scenario.name) else { continue };
            let history = History::from_events(about_the_run().chain(own.iter().copied()).cloned());
            let verdicts = check_history(&history, |_| true);
            let broken = verdicts.in_state(State::Broken).map(|verdict| verdict.requirement);
            shown.insert(scenario.name.clone(), broken.collect());
        }
        shown
    }

    async fn reproduce_one(
        &self,
        requirement: RequirementId,
        finding: &Finding,
        scenario: &Scenario,
        bounds: Bounds,
    ) {
        let name = scenario.name.clone();
        self.recorder.record(EventKind::Reproducing { requirement, scenario: name.clone() });
        let start = self.events.lock().len();
        let mut last = None;
        let Shrunk { scenario: mut smallest, reproduced, confirmed, attempts, is_minimal } =
            shrink(scenario, bounds, async |candidate| {
                let history = self.try_out(candidate).await;
                let verdicts = check_history(&history, |id| id == requirement);
                let found = verdicts.verdicts.into_iter().flat_map(|verdict| verdict.findings);
                // One that has the same variant, if there is one.
                let found = found.reduce(|one, other| match other.variant == finding.variant {
                    true => other,
                    false => one,
                });
                let is_broken = found.is_some();
                last = found.map(|found| (found, reproduction::whole(&history))).or(last.take());
                is_broken
            })
            .await;
        self.events.lock().truncate(start);
        // Who stops the run stops what is tried, too: that nothing happened then says nothing.
        let (reproduced, confirmed) = if self.is_over() { (0, 0) } else { (reproduced, confirmed) };
        smallest.title = format!("Breaks {requirement}: {}", finding.variant);
        smallest.requirements = vec![requirement];
        let comment = [
            format!(
                "Found by hearback {} in {name}, run {}, seed {}.",
                env!("CARGO_PKG_VERSION"),
                self.run.name,
                self.run.seed
            ),
            format!("expected  {}", finding.expected),
            format!("actual    {}", finding.actual),
        ];
        let file = self.run.folder().and_then(|folder| {
            let path = folder.join(format!("{}.yaml", requirement.as_str().replace('/', "-")));
            written(&path, &comment, &smallest).then(|| path.to_string_lossy().replace('\\', "/"))
        });
        let (found, lines) = last.unzip();
        self.recorder.record(EventKind::Reproduced(Reproduction {
            requirement,
            variant: finding.variant.clone(),
            scenario: name,
            file,
            steps: smallest.all_steps().len(),
            reproduced,
            repetitions: confirmed,
            attempts,
            is_minimal,
            expected: found.as_ref().map(|found| found.expected.clone()),
            actual: found.map(|found| found.actual),
            commands: lines.unwrap_or_default(),
        }));
    }

    /// Carries one scenario out, alone, and gives what happened.
    async fn try_out(&self, scenario: &Scenario) -> History {
        let start = self.events.lock().len();
        self.interpreter.perform(scenario, 0).await;
        let events = self.events.lock();
        let before = events[..start].iter().filter(|event| is_about_the_run(event));
        History::from_events(before.chain(&events[start..]).cloned())
    }
}

/// Whether it is not one of the files.
fn is_generated(scenario: &Scenario) -> bool {
    hearback_scenarios::library::files()
        .all(|(path, _)| scenario.file != format!("scenarios/files/{path}"))
}

/// Writes a scenario file with comments above it; whether that was possible.
fn written(path: &Path, comment: &[String], scenario: &Scenario) -> bool {
    let comment: String = comment
        .iter()
        .map(|line| format!("# {}\n", hearback_reports::escape::shown(line, 300)))
        .collect();
    let write = || {
        path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        std::fs::write(path, format!("{comment}{}", write(scenario)))
    };
    match write() {
        Ok(()) => true,
        Err(error) => {
            eprintln!("warning: {} cannot be written: {error}", path.display());
            false
        }
    }
}
