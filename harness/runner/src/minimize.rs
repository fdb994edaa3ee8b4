//! Reproduces the defects that generated scenarios show, with the smallest scenario that still shows them.

use std::path::Path;
use std::time::Duration;

use hearback_checker::{Finding, State, Verdicts};
use hearback_contract::{Level, RequirementId};
use hearback_generate::shrink::{Bounds, Shrunk, shrink};
use hearback_history::escape::escape;
use hearback_history::{EventKind, History, Repetitions, Reproduction};
use hearback_results::confirmation::MOST_REPETITIONS;
use hearback_results::reproduction;
use hearback_scenarios::{Scenario, write};
use tokio::time::Instant;

use crate::alone::check_alone;
use crate::checking::{blocking, check_events};
use crate::event::Event as Progress;
use crate::session::{Session, is_about_the_run};
use crate::time_budget::TimeBudget;

/// Runs of the smallest scenario at the end, which measure how often it shows the defect.
const CONFIRMATIONS: usize = 5;

/// Additional time for these runs.
const CONFIRMATION: Duration = Duration::from_secs(5);

/// Longest line of a comment in a scenario file, in characters.
const LONGEST_COMMENT: usize = 300;

/// Bounds of minimization.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Maximum number of defects to minimize.
    pub defects: usize,
    /// Maximum number of scenario runs per defect.
    pub attempts: usize,
    /// Maximum duration of all of it.
    pub time: Duration,
}

impl Limits {
    /// For a check, which should end soon.
    pub const CHECK: Self = Self { defects: 5, attempts: 150, time: Duration::from_secs(20) };
    /// For fuzzing, whose purpose is the reproduction.
    pub const FUZZ: Self = Self { defects: 3, attempts: 400, time: Duration::from_secs(120) };
}

impl Session {
    /// Minimizes the defects that generated scenarios showed first, the most binding requirements first, unless no
    /// repetition reproduced them. The results are recorded, and written to the run's folder.
    pub(crate) async fn minimize(
        &mut self,
        scenarios: &[Scenario],
        verdicts: &Verdicts,
        repetitions: &[Repetitions],
        limits: Limits,
    ) {
        let deadline = Instant::now() + limits.time;
        let budget =
            TimeBudget::begin(Some(limits.time + CONFIRMATION), self.interpreter.cancellation());
        let mut broken: Vec<_> = verdicts.in_state(State::Broken).collect();
        broken.sort_by_key(|verdict| std::cmp::Reverse(verdict.requirement.requirement().level));
        let generated: Vec<_> = scenarios.iter().filter(|it| is_generated(it)).collect();
        let is_generated =
            |finding: &&Finding| generated.iter().any(|scenario| scenario.name == finding.scenario);
        let defects = broken.into_iter().filter_map(|verdict| {
            let binds = verdict.requirement.requirement().level > Level::Note;
            let finding = verdict.findings.first().filter(is_generated).filter(|_| binds)?;
            let is_repeated = |it: &&Repetitions| {
                it.requirement == verdict.requirement && it.variant == finding.variant
            };
            let repeated = repetitions.iter().find(is_repeated);
            if repeated.is_some_and(|it| it.reproduced == 0 && it.repetitions >= MOST_REPETITIONS) {
                return None;
            }
            Some((verdict.requirement, finding))
        });
        let defects: Vec<_> = defects.take(limits.defects).collect();
        if defects.is_empty() {
            return;
        }
        let names: Vec<_> = generated.iter().map(|scenario| scenario.name.clone()).collect();
        let events = self.events.lock().clone();
        let wanted: Vec<_> = defects.iter().map(|(requirement, _)| *requirement).collect();
        let shown = blocking(move || check_alone(&events, &names, |id| wanted.contains(&id))).await;
        for (requirement, finding) in defects {
            // A defect that shows in a list of all rooms may come from another scenario.
            let by_itself = generated.iter().filter(|scenario| {
                let verdicts = shown.get(&scenario.name);
                verdicts.is_some_and(|it| {
                    it.in_state(State::Broken).any(|broken| broken.requirement == requirement)
                })
            });
            let smallest = by_itself.min_by_key(|scenario| scenario.all_steps().len());
            let named = generated.iter().find(|it| it.name == finding.scenario);
            let Some(scenario) = smallest.or(named) else { continue };
            let time = deadline.saturating_duration_since(Instant::now());
            if self.is_over() || time.is_zero() {
                return;
            }
            let attempts = limits.attempts;
            tracing::info!(%requirement, scenario = %scenario.name, attempts, "minimizing");
            self.context.emit(Progress::Minimizing { requirement, attempts, time });
            let bounds = Bounds { attempts, time, confirmations: CONFIRMATIONS };
            self.minimize_one(requirement, finding, scenario, bounds, &budget).await;
        }
    }

    async fn minimize_one(
        &self,
        requirement: RequirementId,
        finding: &Finding,
        scenario: &Scenario,
        bounds: Bounds,
        budget: &TimeBudget,
    ) {
        let name = scenario.name.clone();
        self.recorder.record(EventKind::Reproducing { requirement, scenario: name.clone() });
        let start = self.events.lock().len();
        let mut last = None;
        let Shrunk { scenario: mut smallest, reproduced, confirmed, attempts, is_minimal } =
            shrink(scenario, bounds, async |candidate| {
                let (history, verdicts) = self.try_out(candidate, requirement, budget).await;
                let found = verdicts.verdicts.into_iter().flat_map(|verdict| verdict.findings);
                // Prefer a finding of the same variant.
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
        // Attempts of a run that was stopped show nothing.
        let is_cut = self.is_over() || budget.is_used_up();
        let (reproduced, confirmed) = if is_cut { (0, 0) } else { (reproduced, confirmed) };
        smallest.title = format!("Breaks {requirement}: {}", finding.variant);
        smallest.requirements = vec![requirement];
        let comment = [
            format!(
                "Found by hearback {} in {name}, run {}, seed {}.",
                env!("CARGO_PKG_VERSION"),
                self.run.identity.name,
                self.run.identity.seed
            ),
            format!("expected  {}", finding.expected),
            format!("actual    {}", finding.actual),
        ];
        let is_shown = reproduced > 0 || confirmed == 0;
        let file = self.run.folder().filter(|_| is_shown).and_then(|folder| {
            let path = folder.join(format!("{}.yaml", requirement.as_str().replace('/', "-")));
            match write_file(&path, &comment, &smallest) {
                Ok(()) => Some(path.to_string_lossy().replace('\\', "/")),
                Err(error) => {
                    let reason = error.to_string();
                    self.context.emit(Progress::ReproductionNotWritten { path, reason });
                    None
                }
            }
        });
        let (found, commands) = last.unzip();
        self.recorder.record(EventKind::Reproduced(Box::new(Reproduction {
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
            commands: commands.unwrap_or_default(),
        })));
    }

    /// Runs one scenario alone and checks one requirement.
    async fn try_out(
        &self,
        scenario: &Scenario,
        requirement: RequirementId,
        budget: &TimeBudget,
    ) -> (History, Verdicts) {
        let start = self.events.lock().len();
        self.interpreter.with_cancellation(budget.stop().clone()).run(scenario, 0).await;
        let events: Vec<_> = {
            let events = self.events.lock();
            let before = events[..start].iter().filter(|event| is_about_the_run(event));
            before.chain(&events[start..]).cloned().collect()
        };
        check_events(events, move |id| id == requirement).await
    }
}

/// Returns whether a scenario was generated, as opposed to read from an embedded file.
fn is_generated(scenario: &Scenario) -> bool {
    hearback_scenarios::library::files()
        .all(|(path, _)| scenario.file != format!("scenarios/files/{path}"))
}

/// Writes a scenario file with comments above the scenario.
fn write_file(path: &Path, comment: &[String], scenario: &Scenario) -> std::io::Result<()> {
    let comment: String =
        comment.iter().map(|line| format!("# {}\n", escape(line, LONGEST_COMMENT))).collect();
    path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
    std::fs::write(path, format!("{comment}{}", write(scenario)))
}
