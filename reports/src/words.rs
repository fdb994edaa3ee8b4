//! Numbers, durations and verdicts in words.

use hearback_checker::{Reason, State};
use hearback_contract::NOT_TESTABLE;
use hearback_history::{OrphanedRoom, RunEnd};
use hearback_results::{
    FailedExpectation, LevelCounts, Outcome, Pin, Results, Shards, Untested, WaiverResult,
    WaiverState,
};

/// Maximum number of reasons in the verdict on a run.
const MOST_REASONS: usize = 3;

/// The way to accept that requirements are untested.
pub(crate) const ACCEPT_UNTESTED: &str =
    "Requirements that cannot be tested at this target can be accepted with --may-be-untested.";

/// The lag of reads behind writes, if it was noticed.
pub(crate) fn lag(results: &Results) -> Option<String> {
    let lag = results.lag?;
    let [searches, reads] = [lag.searches, lag.reads].map(|lag| duration(lag.as_millis()));
    Some(format!("searches show a write after up to {searches}, other reads after {reads}"))
}

/// The behavior that no run tests.
pub(crate) fn not_testable() -> String {
    let subjects: Vec<_> = NOT_TESTABLE.iter().map(|row| row.subject).collect();
    format!("Not testable through the API: {}.", subjects.join(", "))
}

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
        Outcome::Incomplete => "INCOMPLETE",
        Outcome::Unfinished => "UNFINISHED",
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
            let changed = results.pins(Pin::Changed);
            if changed > 0 {
                parts.push(counted(changed as u64, "changed reading"));
            }
            if outdated > 0 {
                parts.push(counted(outdated as u64, "outdated waiver"));
            }
            parts.push(format!("{held} in {duration}"));
        }
        Outcome::Incomplete => {
            parts.push(format!("{} in {duration}", tested(results)));
            let reasons = results.coverage.untested.iter();
            parts.extend(reasons.take(MOST_REASONS).map(|group| untested(group, &quoted)));
            let rest = results.coverage.untested.len().saturating_sub(MOST_REASONS);
            parts.extend((rest > 0).then(|| counted(rest as u64, "more reason")));
            let unseen = results.pins(Pin::Unobserved) as u64;
            parts.extend((unseen > 0).then(|| counted(unseen, "pinned reading") + " not observed"));
        }
        Outcome::Unfinished => parts.push(format!("{held} after {duration}")),
    }
    if matches!(results.outcome, Outcome::Holds | Outcome::Broken)
        && results.coverage.tested < results.coverage.selected
    {
        parts.push(tested(results));
    }
    let failed = results.expectations.failed.len();
    if failed > 0 {
        parts.push(format!("{} failed", counted(failed as u64, "expectation")));
    }
    parts.extend(stopped(results, &quoted));
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
    if results.counts.flaky > 0 {
        parts.push(format!("{} flaky", number(results.counts.flaky)));
    }
    if results.counts.waived > 0 {
        parts.push(format!("{} waived", number(results.counts.waived)));
    }
    if results.counts.known > 0 {
        parts.push(format!("{} known from the baseline", number(results.counts.known)));
    }
    parts.extend(results.shards.as_ref().map(shards));
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

/// `shard 2 of 5`, or `5 of 5 shards`.
fn shards(shards: &Shards) -> String {
    match &shards.included[..] {
        [only] => format!("shard {} of {}", only.index, shards.count),
        all => format!("{} of {} shards", all.len(), shards.count),
    }
}

/// `38 of 236 requirements tested`.
fn tested(results: &Results) -> String {
    let coverage = &results.coverage;
    let selected = counted(coverage.selected, "requirement");
    format!("{} of {selected} tested", number(coverage.tested))
}

/// `165 must not tested: needs 2 accounts`; `quoted` renders text of users and targets.
fn untested(group: &Untested, quoted: impl Fn(&str) -> String) -> String {
    let count = number(group.requirements.len() as u64);
    let state = match group.reason {
        Reason::NotReproduced(_) => State::Undecided.as_str(),
        _ => "must not tested",
    };
    format!("{count} {state}: {}", quoted(&group.reason.to_string()))
}

/// `19 scenarios stopped (18: the target closed a socket with 1011)`, with the most frequent cause.
fn stopped(results: &Results, quoted: impl Fn(&str) -> String) -> Option<String> {
    let count = |count: usize| number(count as u64);
    let stopped = &results.stopped_scenarios;
    let causes: Vec<_> = stopped.iter().filter_map(|it| it.cause.as_ref()).collect();
    let times = |cause: &Reason| causes.iter().filter(|other| **other == cause).count();
    let frequent = causes.iter().rev().max_by_key(|cause| times(cause));
    let cause = frequent.map(|cause| match times(cause) {
        all if all == stopped.len() => format!(" ({})", quoted(&cause.to_string())),
        some => format!(" ({}: {})", count(some), quoted(&cause.to_string())),
    });
    let number = counted(stopped.len() as u64, "scenario");
    (!stopped.is_empty()).then(|| format!("{number} stopped{}", cause.unwrap_or_default()))
}

/// The reason for which requirements are untested, with the remedy; `quoted` renders text of users and targets.
pub(crate) fn reason(group: &Untested, quoted: impl Fn(&str) -> String) -> String {
    let reason = quoted(&group.reason.to_string());
    match &group.remedy {
        Some(remedy) => format!("{reason}; {remedy}"),
        None => reason,
    }
}

/// A failed expectation in one sentence; `quoted` renders text of users and targets.
pub(crate) fn expectation(failed: &FailedExpectation, quoted: impl Fn(&str) -> String) -> String {
    format!(
        "{}, step {}: {}: expected {}, actual {}",
        quoted(&failed.location),
        quoted(&failed.step),
        quoted(&failed.subject),
        quoted(&failed.expected),
        quoted(failed.actual.as_deref().unwrap_or("nothing"))
    )
}

/// A waiver with its state, reason, link and expiry, and what to do about it; `quoted` renders the text of its author.
pub(crate) fn waiver(waiver: &WaiverResult, quoted: impl Fn(&str) -> String) -> String {
    let operation = waiver.operation.as_ref().map(|id| format!(" in {id}")).unwrap_or_default();
    let variant = waiver.variant.as_deref().map(|variant| format!(" ({})", quoted(variant)));
    let subject = format!("{}{operation}{}", waiver.requirement, variant.unwrap_or_default());
    let state = match waiver.state {
        WaiverState::Applied => "applied",
        WaiverState::Stale => "excuses nothing",
        WaiverState::Expired => "expired",
        WaiverState::NotExercised => "not exercised in this run",
    };
    let text = format!("{subject}: {state} ({}", grounds(waiver, &quoted));
    let place = || match &waiver.place {
        Some(place) => format!("{}:{}", quoted(&place.file), place.line),
        None => "the waivers file".to_owned(),
    };
    match waiver.state {
        WaiverState::Applied | WaiverState::NotExercised => text + ")",
        WaiverState::Stale => format!("{text}); delete the waiver at {}", place()),
        WaiverState::Expired => format!("{text}); renew or delete the waiver at {}", place()),
    }
}

/// The reason, the link and the expiry of a waiver; `quoted` renders the text of its author.
pub(crate) fn grounds(waiver: &WaiverResult, quoted: impl Fn(&str) -> String) -> String {
    let mut text = match waiver.reason.trim() {
        "" => "no reason given".to_owned(),
        reason => quoted(reason),
    };
    if let Some(link) = &waiver.link {
        text.push_str(&format!("; {}", quoted(link)));
    }
    if let Some(expires) = waiver.expires {
        let verb = if waiver.state == WaiverState::Expired { "expired" } else { "expires" };
        text.push_str(&format!("; {verb} {expires}"));
    }
    text
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
    fn an_incomplete_run_says_how_much_it_tested_and_why_not_more() {
        let verdict = verdict(&crate::fixtures::incomplete(), str::to_owned);
        assert_eq!(
            verdict,
            "INCOMPLETE: 5 of 10 requirements tested in 4.2 s; 2 must not tested: needs 3 accounts; \
             1 must not tested: messages.delete did not respond; \
             1 must not tested: the target closed a socket with 1011; 1 more reason; \
             1 scenario stopped (the target closed a socket with 1011); exit code 4"
        );
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
