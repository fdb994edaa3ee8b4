//! `hearback replay`: bringing about again what an earlier run found.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use hearback_checker::{Finding, State, Verdict, check_history};
use hearback_contract::{Level, RequirementId};
use hearback_history::{History, RunStart, TargetOptions};
use hearback_reports::escape::{LONGEST_TEXT, shown};
use hearback_results::reproduction;
use hearback_scenarios::{Scenario, embedded, read};

use super::fuzz::generated;
use super::stored;
use crate::arguments::{self, Replay};
use crate::check::{Progress, Run, Session, TargetUnderTest, needs_sockets};
use crate::exit::{self, Failure};
use crate::{output, runtime};

pub(crate) fn run(mut options: Replay) -> Result<u8, Failure> {
    let path = journal_of(&options.run);
    let history = stored(&path)?;
    let (requirement, finding) = found(&history, &options.finding)?;
    let scenario = scenario_of(requirement, &finding, &history, &path)?;
    same_target(&mut options.target.whom, history.start.as_ref())?;
    let (target, attempts) = runtime()?.block_on(replay(&options, requirement, scenario))?;
    let outcome = Outcome { requirement, finding, target, attempts };
    output::print(&outcome.render());
    Ok(outcome.exit_code())
}

/// The journal that a run's name, or a path, stands for.
fn journal_of(run: &str) -> PathBuf {
    let path = Path::new(run);
    match path.exists() {
        true => path.to_owned(),
        false => PathBuf::from(format!("hearback-runs/{run}.jsonl")),
    }
}

/// The finding that a requirement's id or a number stands for.
fn found(history: &History, wanted: &str) -> Result<(RequirementId, Finding), Failure> {
    let verdicts = check_history(history, |_| true);
    let mut broken: Vec<_> = verdicts.in_state(State::Broken).collect();
    // As in the reports: the most binding first.
    broken.sort_by_key(|verdict| std::cmp::Reverse(verdict.requirement.requirement().level));
    let mut all = broken.iter().flat_map(|verdict| {
        verdict.findings.iter().map(|finding| (verdict.requirement, finding.clone()))
    });
    let count = all.clone().count();
    let found = match wanted.parse::<usize>() {
        Ok(number) => number.checked_sub(1).and_then(|index| all.nth(index)),
        Err(_) => {
            let id = wanted.parse::<RequirementId>()?;
            all.find(|(requirement, _)| *requirement == id)
        }
    };
    let ids: Vec<_> = broken.iter().map(|verdict| verdict.requirement.as_str()).collect();
    found.ok_or_else(|| {
        Failure::usage(anyhow!(
            "the run has no finding {wanted}; it has {count}{}",
            if ids.is_empty() { String::new() } else { format!(", of {}", ids.join(", ")) }
        ))
    })
}

/// The embedded server gets the faults that it had in the run. Another target must be named again: nothing
/// is sent to one that nobody names now, and what another one does says nothing of it.
fn same_target(
    whom: &mut arguments::TargetOptions,
    start: Option<&RunStart>,
) -> Result<(), Failure> {
    if whom.target.is_some() || !whom.fault.is_empty() {
        return Ok(());
    }
    match start {
        Some(RunStart { target_options: Some(TargetOptions::Embedded { faults }), .. }) => {
            whom.fault = faults.clone();
            Ok(())
        }
        Some(start) => Err(Failure::usage(anyhow!(
            "the run was against {}, and nothing is sent there unless it is named again: add{}",
            shown(&start.target, LONGEST_TEXT),
            start.target_arguments()
        ))),
        None => Err(Failure::usage(anyhow!(
            "the journal does not say which target the run was against: add --target and --accounts"
        ))),
    }
}

/// What shows the finding: the small scenario, if there is one, otherwise the one that showed it first.
fn scenario_of(
    requirement: RequirementId,
    finding: &Finding,
    history: &History,
    path: &Path,
) -> Result<Scenario, Failure> {
    let reproduction = reproduction::find(history, requirement, &finding.variant);
    if let Some(file) = reproduction.and_then(|it| it.file.as_deref())
        && let Some(file) = existing(file, path)
    {
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("{} cannot be read", file.display()))
            .map_err(Failure::usage)?;
        let file = file.to_string_lossy().replace('\\', "/");
        let scenarios = read(file.trim_end_matches(".yaml"), &file, &text).into_scenarios();
        let mut scenarios = scenarios.map_err(Failure::file)?;
        if !scenarios.is_empty() {
            return Ok(scenarios.remove(0));
        }
    }
    let seed = history.start.as_ref().map_or(0, |start| start.seed);
    let named = embedded().into_iter().find(|scenario| scenario.name.as_str() == finding.scenario);
    named.or_else(|| generated(&finding.scenario, seed)).ok_or_else(|| {
        Failure::usage(anyhow!(
            "{} is neither one of the embedded scenarios nor generated: run its file with \
             `hearback scenario run`",
            finding.scenario
        ))
    })
}

/// The file as it was named, or beside the journal, should both have been moved.
fn existing(file: &str, journal: &Path) -> Option<PathBuf> {
    let named = PathBuf::from(file);
    let beside = journal.with_extension("").join(named.file_name()?);
    [named, beside].into_iter().find(|path| path.exists())
}

/// Carries the scenario out so many times, each time alone; where, and what was said of the requirement
/// each time.
async fn replay(
    options: &Replay,
    requirement: RequirementId,
    scenario: Scenario,
) -> Result<(String, Vec<Verdict>), Failure> {
    let run = Run::new(&options.target, vec![requirement]);
    let progress = Progress::new(usize::from(options.times), options.target.quiet);
    let target = TargetUnderTest::prepare(&options.target).await?;
    let description = target.description();
    let needs_sockets = needs_sockets(std::slice::from_ref(&scenario));
    let mut session = Session::open(&run, target, needs_sockets, &progress, Vec::new()).await?;
    let mut verdicts = Vec::new();
    for _ in 0..options.times {
        session.perform(vec![scenario.clone()], &progress).await;
        if session.is_over() {
            break;
        }
        let history = session.take_history();
        verdicts.extend(check_history(&history, |id| id == requirement).verdicts);
    }
    session.close(&progress).await?;
    Ok((description, verdicts))
}

/// What came of it.
struct Outcome {
    requirement: RequirementId,
    finding: Finding,
    /// Where it was tried, in words.
    target: String,
    attempts: Vec<Verdict>,
}

impl Outcome {
    fn in_state(&self, state: State) -> impl Iterator<Item = &Verdict> {
        self.attempts.iter().filter(move |verdict| verdict.state == state)
    }

    fn exit_code(&self) -> u8 {
        if self.in_state(State::Broken).next().is_some() {
            exit::BROKEN
        } else if self.attempts.is_empty() {
            exit::UNFINISHED
        } else if self.in_state(State::Held).next().is_some() {
            exit::HOLDS
        } else {
            exit::NOTHING
        }
    }

    fn render(&self) -> String {
        let of = self.attempts.len();
        let broken: Vec<_> = self.in_state(State::Broken).flat_map(|it| &it.findings).collect();
        let same: Vec<_> =
            broken.iter().filter(|finding| finding.variant == self.finding.variant).collect();
        let id = self.requirement;
        let level = match id.requirement().level {
            Level::Must => "must",
            Level::Should => "should",
            Level::Note => "note",
        };
        let times = self.in_state(State::Broken).count();
        let target = &self.target;
        let mut text = match self.exit_code() {
            exit::BROKEN => format!("BROKEN {times} of {of} times: {id} ({level}), at {target}\n"),
            exit::HOLDS => format!("HOLDS: {id} was not broken in {of} times, at {target}\n"),
            exit::NOTHING => {
                format!("NOT EXERCISED: nothing showed {id} in {of} times, at {target}\n")
            }
            _ => format!("UNFINISHED: {id} was not looked at, at {target}\n"),
        };
        let shown_finding = match (same.first(), broken.first()) {
            (Some(finding), _) => Some((**finding, "the same way")),
            (None, Some(finding)) => Some((*finding, "in another way")),
            (None, None) => None,
        };
        if let Some((finding, way)) = shown_finding {
            let shown = |text: &str| shown(text, LONGEST_TEXT);
            text.push_str(&format!(
                "{way}: {}\n  expected  {}\n  actual    {}\n",
                shown(&finding.variant),
                shown(&finding.expected),
                shown(&finding.actual)
            ));
        }
        text
    }
}
