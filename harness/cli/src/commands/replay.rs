//! `hearback replay`.

use hearback_checker::State;
use hearback_reports::shown;
use hearback_results::ExitStatus;
use hearback_runner::replay::{self, ReplayOutcome, Replayed};

use crate::arguments::Replay;
use crate::config_file::is_flag;
use crate::execution::{context, interrupt, runtime};
use crate::failure::Failure;
use crate::output;
use crate::progress::CheckProgress;

pub(crate) fn run(options: &Replay) -> Result<ExitStatus, Failure> {
    let replay = replay::Replay::find(&options.run, &options.finding)?;
    let target = replay.target(options.target.spec(), !is_flag("target.url"))?;
    let run = options.execution.run(vec![replay.requirement]);
    let times = options.times;
    let progress = CheckProgress::of_scenarios(usize::from(times), options.execution.quiet);
    let interrupt = interrupt()?;
    let context = context(&interrupt, progress.observer());
    let replayed = runtime()?.block_on(async {
        let target = target.open().await?;
        replay.run(&run, target, times, &context).await
    })?;
    output::print(&render(&replayed));
    Ok(match replayed.outcome() {
        ReplayOutcome::Reproduced => ExitStatus::Failed,
        ReplayOutcome::Held => ExitStatus::Passed,
        ReplayOutcome::NotExercised => ExitStatus::NotExercised,
        ReplayOutcome::Unfinished => ExitStatus::Incomplete,
    })
}

fn render(replayed: &Replayed) -> String {
    let (id, target) = (replayed.requirement, &replayed.target);
    let attempts = replayed.attempts.len();
    let times = replayed.in_state(State::Broken).count();
    let level = id.requirement().level;
    let mut text = match replayed.outcome() {
        ReplayOutcome::Reproduced => {
            format!("BROKEN in {times} of {attempts} attempts: {id} ({level}), at {target}\n")
        }
        ReplayOutcome::Held => {
            format!("HELD: {id} was not broken in {attempts} attempts, at {target}\n")
        }
        ReplayOutcome::NotExercised => {
            format!("NOT EXERCISED: {id} was not exercised in {attempts} attempts, at {target}\n")
        }
        ReplayOutcome::Unfinished => format!("INCOMPLETE: {id} was not tested, at {target}\n"),
    };
    let findings: Vec<_> =
        replayed.in_state(State::Broken).flat_map(|verdict| &verdict.findings).collect();
    let same = findings.iter().find(|finding| finding.variant == replayed.finding.variant);
    let finding = match (same, findings.first()) {
        (Some(finding), _) => Some((finding, "same variant")),
        (None, Some(finding)) => Some((finding, "another variant")),
        (None, None) => None,
    };
    if let Some((finding, variant)) = finding {
        text.push_str(&format!(
            "{variant}: {}\n  expected  {}\n  actual    {}\n",
            shown(&finding.variant),
            shown(&finding.expected),
            shown(&finding.actual)
        ));
    }
    text
}
