//! The outcome of a load run, in words.

use hearback_history::RunEnd;
use hearback_results::ExitStatus;
use hearback_stats::record::CapacityRecord;
use hearback_stats::{LoadOutcome, LoadRecord, MetricValue, Unit};

use crate::words::{counted, duration, number};

/// The outcome in capitals.
pub(super) fn headline(outcome: LoadOutcome) -> String {
    outcome.to_string().to_uppercase()
}

/// The verdict on the run, one sentence. `quoted` escapes untrusted text.
pub(super) fn verdict(record: &LoadRecord, quoted: impl Fn(&str) -> String) -> String {
    let outcome = record.outcome();
    let mut parts = Vec::new();
    match &record.end {
        RunEnd::Completed => {}
        RunEnd::Interrupted => parts.push("the run was interrupted".to_owned()),
        RunEnd::Aborted { reason } => {
            parts.push(format!("the run was aborted: {}", quoted(reason)))
        }
    }
    if record.capacity.as_ref().is_some_and(|capacity| capacity.generator_limit.is_some()) {
        parts.push("the generator, not the target, was the limit of the search".to_owned());
    }
    match record.invalid_reasons.as_slice() {
        [] => {}
        [reason] if outcome == LoadOutcome::Invalid => parts.push(quoted(reason)),
        [reason] => parts.push(format!("the measurements are invalid: {}", quoted(reason))),
        reasons => parts.push(format!(
            "the measurements are invalid for {}",
            counted(reasons.len() as u64, "reason")
        )),
    }
    // The service levels of an invalid run have no meaning.
    match outcome {
        LoadOutcome::Invalid => {}
        LoadOutcome::Incomplete if record.slos.iter().any(|slo| slo.met.is_some()) => {
            let so_far = if record.end == RunEnd::Completed { "" } else { " so far" };
            parts.push(service_levels(record, &quoted) + so_far);
        }
        _ => parts.push(service_levels(record, &quoted)),
    }
    parts.push(format!(
        "{} of {}, {} lost, in {}",
        deliveries(record.deliveries.received),
        counted(record.sends.sent, "message"),
        number(record.deliveries.lost),
        duration((record.duration_s.max(0.0) * 1000.0) as u64)
    ));
    let status = ExitStatus::from(record);
    if !status.is_success() {
        parts.push(format!("exit code {}", status.code()));
    }
    format!("{}: {}", headline(outcome), parts.join("; "))
}

/// The state of a run that is going on, one sentence.
pub(super) fn running(record: &LoadRecord) -> String {
    let all_s = record.profile.phases.last().map_or(0.0, |phase| phase.to_s);
    format!(
        "RUNNING: {:.0} of {all_s:.0} s; {} of {}, {} lost",
        record.duration_s.max(0.0),
        deliveries(record.deliveries.received),
        counted(record.sends.sent, "message"),
        number(record.deliveries.lost)
    )
}

fn service_levels(record: &LoadRecord, quoted: impl Fn(&str) -> String) -> String {
    let measured = record.slos.iter().filter(|slo| slo.met.is_some()).count();
    let missed: Vec<_> = record.slos.iter().filter(|slo| slo.is_missed()).collect();
    match (measured, missed.as_slice()) {
        (0, _) if record.slos.is_empty() => "the profile has no service levels".to_owned(),
        (0, _) => "no service level was measured".to_owned(),
        (all, []) => format!("{} met", counted(all as u64, "service level")),
        (all, [slo]) => {
            let slo = format!("{}: {}", quoted(&slo.slo), slo.measured);
            format!("1 of {} missed ({slo})", counted(all as u64, "service level"))
        }
        (all, missed) => {
            format!("{} of {} missed", missed.len(), counted(all as u64, "service level"))
        }
    }
}

fn deliveries(count: u64) -> String {
    if count == 1 { "1 delivery".to_owned() } else { format!("{} deliveries", number(count)) }
}

/// The result of a capacity search, one sentence.
pub(super) fn capacity(capacity: &CapacityRecord) -> String {
    let value = |value: f64| match capacity.variable.as_str() {
        "rate" => format!("{value:.1} messages per second"),
        other => format!("{value:.0} {other}"),
    };
    let mut parts = Vec::new();
    match (capacity.holds, capacity.breaks.filter(|_| capacity.generator_limit.is_none())) {
        (Some(holds), Some(_)) => parts.push(format!(
            "{} met all service levels {}",
            value(holds),
            trials(capacity, holds, |outcome| outcome == LoadOutcome::Met)
        )),
        (Some(holds), None) => parts.push(format!(
            "at least {}, which met all service levels {}",
            value(holds),
            trials(capacity, holds, |outcome| outcome == LoadOutcome::Met)
        )),
        (None, _) => parts.push("no value met all service levels".to_owned()),
    }
    if let Some(invalid) = capacity.generator_limit {
        parts.push(format!(
            "the generator, not the target, was the limit: it could not produce {}",
            value(invalid)
        ));
    }
    if let Some(breaks) = capacity.breaks {
        let is_broken = |outcome| !matches!(outcome, LoadOutcome::Met | LoadOutcome::Invalid);
        let trials = trials(capacity, breaks, is_broken);
        parts.push(format!("{} missed a service level {trials}", value(breaks)));
    }
    parts.extend(capacity.note.clone());
    parts.join("; ")
}

/// The number of trials of a value with a certain outcome, and the number of its invalid trials.
fn trials(
    capacity: &CapacityRecord,
    value: f64,
    has_outcome: impl Fn(LoadOutcome) -> bool,
) -> String {
    let outcomes = || {
        let of_value = capacity.trials.iter().filter(|trial| trial.value == value);
        of_value.map(|trial| trial.outcome)
    };
    let count =
        |is: &dyn Fn(LoadOutcome) -> bool| outcomes().filter(|outcome| is(*outcome)).count();
    let (all, matching) = (outcomes().count(), count(&has_outcome));
    match (matching, all) {
        (1, 1) => return "once".to_owned(),
        (matching, all) if matching == all => return counted(all as u64, "time"),
        _ => {}
    }
    let invalid = count(&|outcome| outcome == LoadOutcome::Invalid);
    format!("in {matching} of {}, {invalid} invalid", counted(all as u64, "trial"))
}

/// A latency in milliseconds, or `never`; empty without samples.
pub(super) fn latency(value: MetricValue) -> String {
    match value {
        MetricValue::NoSamples => String::new(),
        value => Unit::Milliseconds.format(value),
    }
}

#[cfg(test)]
mod tests {
    use hearback_stats::record::Trial;
    use hearback_testkit::load::example_record;

    use super::*;
    use crate::load::{html, junit, markdown, text};
    use crate::style::Style;

    fn verdict_of(record: &LoadRecord) -> String {
        verdict(record, str::to_owned)
    }

    #[test]
    fn the_verdict_names_the_one_service_level_that_was_missed() {
        let mut record = example_record();
        assert!(verdict_of(&record).starts_with("NOT MET: 2 of 4 service levels missed; "));
        record.slos.remove(0);
        let text = verdict_of(&record);
        assert!(
            text.starts_with("NOT MET: 1 of 3 service levels missed (lost = 0: 12); "),
            "{text}"
        );
        assert!(text.ends_with("; exit code 1"), "{text}");
    }

    #[test]
    fn incomplete_outweighs_invalid() {
        let mut record = example_record();
        record.invalid_reasons = vec!["the generator was late".to_owned()];
        let invalid = "INVALID: the generator was late; ";
        assert!(verdict_of(&record).starts_with(invalid), "{}", verdict_of(&record));
        record.end = RunEnd::Aborted { reason: "the target is gone".to_owned() };
        let aborted = "INCOMPLETE: the run was aborted: the target is gone; ";
        assert!(verdict_of(&record).starts_with(aborted), "{}", verdict_of(&record));
    }

    #[test]
    fn empty_records_have_a_verdict() {
        let expected = "NOTHING MEASURED: the profile has no service levels; \
                        0 deliveries of 0 messages, 0 lost, in 0 ms; exit code 4";
        assert_eq!(verdict_of(&LoadRecord::default()), expected);
    }

    #[test]
    fn runs_that_ended_before_their_schedule_missed_nothing() {
        let expected = "INCOMPLETE: the run was interrupted; no service level was measured; \
                        0 deliveries of 0 messages, 0 lost, in 0 ms; exit code 3";
        assert_eq!(verdict_of(&unmeasured()), expected);
        let text = text::render(&unmeasured(), Style::default());
        assert!(text.contains("lost = 0") && text.contains("not measured"), "{text}");
        let json = crate::json::render(&unmeasured(), Style::default());
        for sentence in [
            text,
            markdown::render(&unmeasured(), Style::default()),
            html::render(&unmeasured(), Style::default()),
            junit::render(&unmeasured(), Style::default()),
        ] {
            assert!(!sentence.contains("missed"), "{sentence}");
        }
        assert!(!json.contains("\"met\""), "{json}");
    }

    /// A run that was interrupted before its schedule.
    fn unmeasured() -> LoadRecord {
        let mut record = LoadRecord { end: RunEnd::Interrupted, ..LoadRecord::default() };
        let slos = ["delivery.p99 < 500 ms", "lost = 0"];
        record.evaluate(&slos.map(|slo| slo.parse().unwrap()));
        record
    }

    #[test]
    fn a_capacity_is_an_interval() {
        let mut record = example_record().capacity.unwrap();
        let both = "120.0 messages per second met all service levels 3 times; \
                    140.0 messages per second missed a service level 3 times";
        assert_eq!(capacity(&record), both);
        record.trials[0] =
            Trial { value: 120.0, outcome: LoadOutcome::Invalid, ..Trial::default() };
        let held = "met all service levels in 3 of 4 trials, 1 invalid; ";
        assert!(capacity(&record).contains(held), "{}", capacity(&record));
        record.breaks = None;
        record.note = Some("nothing higher was tried".to_owned());
        let expected = "at least 120.0 messages per second, which met all service levels in 3 of 4 trials, \
                        1 invalid; nothing higher was tried";
        assert_eq!(capacity(&record), expected);
    }

    #[test]
    fn a_capacity_limited_by_the_generator_is_a_lower_bound() {
        let mut record = example_record();
        record.slos.retain(|slo| !slo.is_missed());
        let found = record.capacity.as_mut().unwrap();
        (found.breaks, found.generator_limit) = (None, Some(130.0));
        let expected = "at least 120.0 messages per second, which met all service levels 3 times; \
                        the generator, not the target, was the limit: it could not produce 130.0 messages per second";
        assert_eq!(capacity(found), expected);
        let verdict = verdict_of(&record);
        let beginning = "INCOMPLETE: the generator, not the target, was the limit of the search; \
                         2 service levels met; ";
        assert!(verdict.starts_with(beginning), "{verdict}");
        assert!(verdict.ends_with("; exit code 3"), "{verdict}");
    }
}
