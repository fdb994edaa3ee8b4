//! The result of reproducing a finding.

use hearback_checker::State;
use hearback_runner::replay::{ReplayOutcome, Replayed};

use crate::shown::shown;

/// The outcome, and the first finding that was reproduced.
pub fn render(replayed: &Replayed) -> String {
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
        ReplayOutcome::Unfinished => format!("UNFINISHED: {id} was not tested, at {target}\n"),
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
