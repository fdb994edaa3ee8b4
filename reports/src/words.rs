//! Numbers, durations and verdicts in words.

use hearback_checker::State;
use hearback_history::{OrphanedRoom, RunEnd};
use hearback_results::{LevelCounts, Outcome, Results, WaiverResult, WaiverState};

/// `12345` as `12,345`.
pub(crate) fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut number = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            number.push(',');
        }
        number.push(digit);
    }
    number
}

/// A number with its noun in the right form.
pub fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", number(count))
}

/// `once` or `1,234 times`.
pub(crate) fn times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{} times", number(count)) }
}

/// Milliseconds as `250 ms`, `4.2 s` or `2 min 5 s`.
pub(crate) fn duration(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100),
        _ => format!("{} min {} s", milliseconds / 60_000, milliseconds % 60_000 / 1_000),
    }
}

/// `2 must, 1 should`; levels that do not occur are omitted.
fn levels(counts: LevelCounts) -> String {
    let present = counts.descending().into_iter().filter(|(_, count)| *count > 0);
    present
        .map(|(level, count)| format!("{} {level}", number(count)))
        .collect::<Vec<_>>()
        .join(", ")
}

/// A room that is or may be left at the target; `quoted` renders text of users and targets.
pub fn orphaned_room(room: &OrphanedRoom, quoted: impl Fn(&str) -> String) -> String {
    let name = room.name.as_deref().map(|name| format!(" named {}", quoted(name)));
    let name = name.unwrap_or_default();
    let creator = quoted(room.creator.as_str());
    let state = if room.is_verified { "still active" } else { "its state is not known" };
    match &room.id {
        Some(id) => format!("room {}{name}, created by {creator}: {state}", quoted(id.as_str())),
        None => format!("possibly a room{name}, created by {creator}: no response contains its id"),
    }
}

/// The outcome as one word in capitals.
pub(crate) fn headline(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Holds => "HOLDS",
        Outcome::Broken => "BROKEN",
        Outcome::NotExercised => "NOT EXERCISED",
        Outcome::Incomplete => "INCOMPLETE",
    }
}

/// The verdict on the run, one sentence; `quoted` renders text of users and targets.
pub(crate) fn verdict(results: &Results, quoted: impl Fn(&str) -> String) -> String {
    let observations = results.in_state(State::Held).map(|held| held.observations).sum();
    let held = format!(
        "{} held ({})",
        counted(results.counts.held, "requirement"),
        counted(observations, "observation")
    );
    let levels = levels(results.counts.broken_by_level);
    let duration = duration(results.duration_ms);
    let mut parts = Vec::new();
    match results.outcome {
        Outcome::Holds => parts.push(format!("{held} in {duration}")),
        Outcome::Broken => {
            parts.extend(Some(levels.clone()).filter(|levels| !levels.is_empty()));
            let outdated = results.waivers.iter().filter(|waiver| waiver.state.fails()).count();
            if outdated > 0 {
                parts.push(counted(outdated as u64, "outdated waiver"));
            }
            parts.push(format!("{held} in {duration}"));
        }
        Outcome::NotExercised => parts.push(format!("no requirement was exercised in {duration}")),
        Outcome::Incomplete => parts.push(format!("{held} after {duration}")),
    }
    if matches!(results.outcome, Outcome::Holds | Outcome::Broken) {
        parts.extend(tested(results, &quoted));
    }
    if results.outcome != Outcome::Broken && !levels.is_empty() {
        parts.push(format!("broken below {}: {levels}", results.fail_on));
    }
    let errors = results.traffic.gateway_errors;
    match results.max_gateway_errors {
        Some(maximum) if errors > maximum => {
            parts.push(format!("gateway errors: {errors}, more than {maximum}"));
        }
        _ if errors > 0 => parts.push(format!("gateway errors: {errors}")),
        _ => {}
    }
    if results.counts.waived > 0 {
        parts.push(format!("{} waived", number(results.counts.waived)));
    }
    match &results.end {
        Some(RunEnd::Completed) => {}
        Some(RunEnd::Interrupted) => parts.push("the run was interrupted".to_owned()),
        Some(RunEnd::Aborted { reason }) => {
            parts.push(format!("the run was aborted: {}", quoted(reason)));
        }
        None => parts.push("the journal is truncated".to_owned()),
    }
    let status = results.exit_status();
    if !status.is_success() {
        parts.push(format!("exit code {}", status.code()));
    }
    format!("{}: {}", headline(results.outcome), parts.join("; "))
}

/// The number of requirements that were tested, if most were not, and the most frequent reason.
fn tested(results: &Results, quoted: impl Fn(&str) -> String) -> Option<String> {
    let counts = &results.counts;
    let tested = counts.held + counts.broken + counts.waived;
    let all = tested + counts.not_exercised + counts.undecided;
    if tested * 2 >= all {
        return None;
    }
    let reasons = results.by_reason(State::NotExercised).into_iter();
    let reason = reasons.max_by_key(|(_, requirements)| requirements.len());
    let reason = reason.map(|(reason, _)| format!(" (most frequent reason: {})", quoted(&reason)));
    let (tested, all) = (number(tested), counted(all, "requirement"));
    Some(format!("only {tested} of {all} tested{}", reason.unwrap_or_default()))
}

/// A waiver with its state, reason, link and expiry; `quoted` renders the text of its author.
pub(crate) fn waiver(waiver: &WaiverResult, quoted: impl Fn(&str) -> String) -> String {
    let operation = waiver.operation.as_ref().map(|id| format!(" in {id}")).unwrap_or_default();
    let mut text = format!("{}{operation}: {}", waiver.requirement, waiver_state(waiver.state));
    text.push_str(&format!(" ({}", quoted(&waiver.reason)));
    if let Some(link) = &waiver.link {
        text.push_str(&format!("; {}", quoted(link)));
    }
    if let Some(expires) = waiver.expires {
        text.push_str(&format!("; expires {expires}"));
    }
    text + ")"
}

/// Explanation of a waiver's state.
fn waiver_state(state: WaiverState) -> &'static str {
    match state {
        WaiverState::Applied => "applied",
        WaiverState::Stale => "no longer needed; remove it",
        WaiverState::Expired => "expired",
        WaiverState::NotExercised => "not exercised in this run",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_by_three() {
        let cases = [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")];
        for (count, text) in cases {
            assert_eq!(number(count), text);
        }
    }

    #[test]
    fn durations_have_a_fitting_unit() {
        let cases = [(0, "0 ms"), (999, "999 ms"), (4_250, "4.2 s"), (125_900, "2 min 5 s")];
        for (milliseconds, text) in cases {
            assert_eq!(duration(milliseconds), text);
        }
    }

    #[test]
    fn a_run_that_tested_little_says_so() {
        let mut results = crate::fixtures::held();
        results.counts.not_exercised = 200;
        let verdict = verdict(&results, str::to_owned);
        assert!(verdict.contains("; only 5 of 20"), "{verdict}");
        assert!(verdict.contains(" requirements tested"), "{verdict}");
    }

    #[test]
    fn the_verdict_counts_requirements_broken_below_the_gate() {
        let mut results = crate::fixtures::held();
        results.counts.broken_by_level.should = 2;
        let verdict = verdict(&results, str::to_owned);
        assert_eq!(
            verdict,
            "HOLDS: 5 requirements held (6,170 observations) in 4.2 s; broken below must: 2 should"
        );
    }
}
