//! Reproduces a finding of an earlier run.

use std::path::{Path, PathBuf};

use hearback_checker::{Finding, State, Verdict, check_history};
use hearback_contract::{Level, RequirementId};
use hearback_history::escape::escape;
use hearback_history::{History, RunStart, TargetOptions};
use hearback_results::{ExitStatus, FindingResult, Results};
use hearback_scenarios::{Scenario, embedded, parse};

use crate::context::Context;
use crate::error::RunError;
use crate::fuzz::generated;
use crate::recheck;
use crate::run::{Run, default_journal, needs_sockets};
use crate::session::Session;
use crate::target::{TargetSpec, TargetUnderTest};

/// Longest URL of a target in an error, in characters.
const LONGEST_URL: usize = 600;

/// A finding of an earlier run, and the scenario that shows it.
#[derive(Clone, Debug)]
pub struct Replay {
    /// The requirement that was broken.
    pub requirement: RequirementId,
    /// The finding.
    pub finding: Finding,
    scenario: Scenario,
    start: Option<RunStart>,
}

/// Result of the attempts to reproduce a finding.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The requirement that was broken in the earlier run.
    pub requirement: RequirementId,
    /// The finding of the earlier run.
    pub finding: Finding,
    /// The target of the attempts, in words.
    pub target: String,
    /// A verdict for each attempt.
    pub attempts: Vec<Verdict>,
}

/// The outcome of a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayOutcome {
    /// The requirement was broken at least once.
    Reproduced,
    /// The requirement held, at least once, and was never broken.
    Held,
    /// No attempt exercised the requirement.
    NotExercised,
    /// The run ended before its first attempt.
    Unfinished,
}

impl From<ReplayOutcome> for ExitStatus {
    fn from(outcome: ReplayOutcome) -> Self {
        match outcome {
            ReplayOutcome::Reproduced => Self::Failed,
            ReplayOutcome::Held => Self::Passed,
            ReplayOutcome::NotExercised => Self::Inconclusive,
            ReplayOutcome::Unfinished => Self::Unfinished,
        }
    }
}

/// Returns whether no target was named: the embedded server without switches.
fn is_unspecified(target: &TargetSpec) -> bool {
    match target {
        TargetSpec::Embedded { faults, weather, readings } => {
            faults.is_empty() && weather.is_empty() && readings.is_empty()
        }
        TargetSpec::Remote(_) => false,
    }
}

impl Replay {
    /// Finds a finding, by its requirement or its number in the report, in a run, by its name or the path of
    /// its journal.
    ///
    /// # Errors
    /// If the journal cannot be read, there is no such finding, or its scenario is not found.
    pub fn find(run: &str, finding: &str) -> Result<Self, RunError> {
        let journal = journal(run);
        let history = recheck::read(&journal)?;
        let (requirement, FindingResult { finding, .. }) = find(&history, finding)?;
        let scenario = scenario_of(requirement, &finding, &history, &journal)?;
        Ok(Self { requirement, finding, scenario, start: history.start })
    }

    /// The target to replay against: the named one; otherwise the embedded server with the faults of the run. A
    /// target that is only configured is not where a finding of the embedded server comes from.
    ///
    /// A remote target must be named again, so that nothing is sent to it without consent.
    ///
    /// # Errors
    /// If the run tested a remote target and none is named.
    pub fn target(&self, named: TargetSpec, is_configured: bool) -> Result<TargetSpec, RunError> {
        let of_the_run = match &self.start {
            Some(RunStart {
                target_options: Some(TargetOptions::Embedded { faults, weather, readings }),
                ..
            }) => Some(TargetSpec::Embedded {
                faults: faults.clone(),
                weather: weather.parse()?,
                readings: readings.clone(),
            }),
            _ => None,
        };
        match (&named, of_the_run) {
            (named, Some(target)) if is_unspecified(named) => Ok(target),
            (TargetSpec::Remote(_), Some(target)) if is_configured => Ok(target),
            (named, None) if is_unspecified(named) => Err(self.unnamed()),
            _ => Ok(named),
        }
    }

    fn unnamed(&self) -> RunError {
        match &self.start {
            Some(start) => RunError::TargetNotNamed {
                target: escape(&start.target, LONGEST_URL),
                options: start.target_arguments(),
            },
            None => RunError::TargetUnknown,
        }
    }

    /// Runs the scenario a number of times, alone, each time with fresh rooms.
    ///
    /// # Errors
    /// If the target cannot be tested.
    pub async fn run(
        self,
        run: &Run,
        target: TargetUnderTest,
        times: u16,
        context: &Context,
    ) -> Result<Replayed, RunError> {
        let description = target.description();
        let needs_sockets = needs_sockets(std::slice::from_ref(&self.scenario));
        let requirement = self.requirement;
        let is_it = move |id| id == requirement;
        let mut session = Session::open(run, target, needs_sockets, context, Vec::new()).await?;
        let mut attempts = Vec::new();
        for _ in 0..times {
            // An attempt that did not run to its end has no verdict.
            let _completed = session.perform(vec![self.scenario.clone()]).await;
            if session.is_over() {
                break;
            }
            let (_, verdicts) = session.take_and_check(is_it).await;
            attempts.extend(verdicts.verdicts);
        }
        session.close(is_it).await;
        Ok(Replayed { requirement, finding: self.finding, target: description, attempts })
    }
}

impl Replayed {
    /// The attempts with a verdict of the given state.
    pub fn in_state(&self, state: State) -> impl Iterator<Item = &Verdict> {
        self.attempts.iter().filter(move |verdict| verdict.state == state)
    }

    /// The outcome of all attempts.
    pub fn outcome(&self) -> ReplayOutcome {
        if self.in_state(State::Broken).next().is_some() {
            ReplayOutcome::Reproduced
        } else if self.attempts.is_empty() {
            ReplayOutcome::Unfinished
        } else if self.in_state(State::Held).next().is_some() {
            ReplayOutcome::Held
        } else {
            ReplayOutcome::NotExercised
        }
    }
}

/// The shell script that reproduces a finding, found as by [`Replay::find`].
///
/// # Errors
/// If the journal cannot be read, or the run has no such finding.
pub fn script(run: &str, finding: &str) -> Result<String, RunError> {
    let (_, finding) = find(&recheck::read(&journal(run))?, finding)?;
    Ok(finding.reproduce.join("\n") + "\n")
}

/// The journal of a run, given by its name or the path of its journal.
fn journal(run: &str) -> PathBuf {
    match Path::new(run) {
        path if path.exists() => path.to_owned(),
        _ => default_journal(run),
    }
}

/// The finding with a requirement's id or a number, counted from 1 in the order of the reports.
///
/// # Errors
/// If the run has no such finding.
pub fn find(history: &History, wanted: &str) -> Result<(RequirementId, FindingResult), RunError> {
    let verdicts = check_history(history, |_| true);
    let results = Results::new(history, &verdicts, Level::Must);
    let violated = results.violated();
    let mut all = violated.iter().flat_map(|result| {
        let requirement = result.id.parse::<RequirementId>();
        let findings = result.findings.iter().cloned();
        findings.filter_map(move |finding| Some((requirement.clone().ok()?, finding)))
    });
    let count = all.clone().count();
    let found = match wanted.parse::<usize>() {
        Ok(number) => number.checked_sub(1).and_then(|index| all.nth(index)),
        Err(_) => {
            let id = wanted.parse::<RequirementId>()?;
            all.find(|(requirement, _)| *requirement == id)
        }
    };
    found.ok_or_else(|| RunError::Finding {
        wanted: wanted.to_owned(),
        count,
        requirements: violated.iter().map(|result| result.id.clone()).collect(),
    })
}

/// The minimized scenario of a finding if there is one, otherwise the one that showed it first.
fn scenario_of(
    requirement: RequirementId,
    finding: &Finding,
    history: &History,
    journal: &Path,
) -> Result<Scenario, RunError> {
    let reproduction = history.reproduction(requirement, &finding.variant);
    if let Some(file) = reproduction.and_then(|it| it.file.as_deref())
        && let Some(path) = existing(file, journal)
    {
        let text = std::fs::read_to_string(&path)
            .map_err(|source| RunError::Unreadable { path: path.clone(), source })?;
        let file = path.to_string_lossy().replace('\\', "/");
        let scenarios = parse(file.trim_end_matches(".yaml"), &file, &text).into_scenarios();
        let scenarios = scenarios.map_err(Box::new)?;
        if let Some(scenario) = scenarios.into_iter().next() {
            return Ok(scenario);
        }
    }
    let seed = history.start.as_ref().map_or(0, |start| start.seed);
    let named = embedded().into_iter().find(|scenario| scenario.name == finding.scenario);
    named
        .or_else(|| generated(&finding.scenario, seed))
        .ok_or_else(|| RunError::Scenario(finding.scenario.clone()))
}

/// The file where it was written, or beside the journal if both were moved.
fn existing(file: &str, journal: &Path) -> Option<PathBuf> {
    let named = PathBuf::from(file);
    let beside = journal.with_extension("").join(named.file_name()?);
    [named, beside].into_iter().find(|path| path.exists())
}
