//! What came of a load run, in words.

use hearback_history::RunEnd;
use hearback_results::ExitStatus;
use hearback_stats::record::CapacityRecord;
use hearback_stats::{LoadOutcome, LoadRecord, MetricValue, Unit};

use crate::words::{counted, duration, number};

/// The outcome as a word or two in capitals.
pub(super) fn headline(outcome: LoadOutcome) -> String {
    outcome.to_string().to_uppercase()
}

/// The verdict on the whole run, one sentence; `quoted` shows text that others wrote.
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
        parts.push("the search ended where the generator does, not the target".to_owned());
    }
    match record.invalid_reasons.as_slice() {
        [] => {}
        [reason] => {
            parts.push(format!("the figures say nothing of the target: {}", quoted(reason)))
        }
        reasons => parts.push(format!(
            "the figures say nothing of the target, for {}",
            counted(reasons.len() as u64, "reason")
        )),
    }
    // Of an invalid run they say nothing, whatever was measured.
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

fn service_levels(record: &LoadRecord, quoted: impl Fn(&str) -> String) -> String {
    let measured = record.slos.iter().filter(|slo| slo.met.is_some()).count();
    let missed: Vec<_> = record.slos.iter().filter(|slo| slo.is_missed()).collect();
    match (measured, missed.as_slice()) {
        (0, _) if record.slos.is_empty() => "no service level was asked for".to_owned(),
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

/// What the search for the capacity found, one sentence.
pub(super) fn capacity(capacity: &CapacityRecord) -> String {
    let value = |value: f64| match capacity.variable.as_str() {
        "rate" => format!("{value:.1} messages a second"),
        other => format!("{value:.0} {other}"),
    };
    let mut parts = Vec::new();
    match (capacity.holds, capacity.breaks.filter(|_| capacity.generator_limit.is_none())) {
        (Some(holds), Some(_)) => parts.push(format!(
            "{} met every service level {}",
            value(holds),
            tries(capacity, holds, |outcome| outcome == LoadOutcome::Met)
        )),
        (Some(holds), None) => parts.push(format!(
            "at least {}, which met every service level {}",
            value(holds),
            tries(capacity, holds, |outcome| outcome == LoadOutcome::Met)
        )),
        (None, _) => parts.push("no value met every service level".to_owned()),
    }
    if let Some(invalid) = capacity.generator_limit {
        parts.push(format!(
            "the generator, not the target, was the limit: it could not do {}",
            value(invalid)
        ));
    }
    if let Some(breaks) = capacity.breaks {
        let is_broken = |outcome| !matches!(outcome, LoadOutcome::Met | LoadOutcome::Invalid);
        let tries = tries(capacity, breaks, is_broken);
        parts.push(format!("{} missed one {tries}", value(breaks)));
    }
    parts.extend(capacity.note.clone());
    parts.join("; ")
}

/// How often a value came out like that, and how often it was tried in vain.
fn tries(capacity: &CapacityRecord, value: f64, is_so: impl Fn(LoadOutcome) -> bool) -> String {
    let outcomes = || {
        let trials = capacity.trials.iter().filter(|trial| trial.value == value);
        trials.map(|trial| trial.outcome)
    };
    let count =
        |is: &dyn Fn(LoadOutcome) -> bool| outcomes().filter(|outcome| is(*outcome)).count();
    let (all, so) = (outcomes().count(), count(&is_so));
    match (so, all) {
        (1, 1) => return "once".to_owned(),
        (so, all) if so == all => return counted(all as u64, "time"),
        _ => {}
    }
    let invalid = count(&|outcome| outcome == LoadOutcome::Invalid);
    format!("in {so} of {}, {invalid} invalid", counted(all as u64, "trial"))
}

/// A latency in milliseconds, or that it never came; nothing without samples.
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
    use crate::format::Style;
    use crate::load::{html, junit, markdown, text};

    fn told(record: &LoadRecord) -> String {
        verdict(record, str::to_owned)
    }

    #[test]
    fn the_verdict_names_the_one_service_level_that_was_missed() {
        let mut record = example_record();
        assert!(told(&record).starts_with("NOT MET: 2 of 4 service levels missed; "));
        record.slos.remove(0);
        let text = told(&record);
        assert!(
            text.starts_with("NOT MET: 1 of 3 service levels missed (lost = 0: 12); "),
            "{text}"
        );
        assert!(text.ends_with("; exit code 1"), "{text}");
    }

    #[test]
    fn what_is_worth_less_is_said_first() {
        let mut record = example_record();
        record.invalid_reasons = vec!["the generator was late".to_owned()];
        let invalid = "INVALID: the figures say nothing of the target: the generator was late; ";
        assert!(told(&record).starts_with(invalid), "{}", told(&record));
        record.end = RunEnd::Aborted { reason: "the target is gone".to_owned() };
        let aborted = "INCOMPLETE: the run was aborted: the target is gone; ";
        assert!(told(&record).starts_with(aborted), "{}", told(&record));
    }

    #[test]
    fn an_empty_record_has_a_verdict_too() {
        let expected = "NOTHING MEASURED: no service level was asked for; \
                        0 deliveries of 0 messages, 0 lost, in 0 ms; exit code 4";
        assert_eq!(told(&LoadRecord::default()), expected);
    }

    #[test]
    fn a_run_that_ended_before_its_schedule_missed_nothing() {
        let expected = "INCOMPLETE: the run was interrupted; no service level was measured; \
                        0 deliveries of 0 messages, 0 lost, in 0 ms; exit code 3";
        assert_eq!(told(&unmeasured()), expected);
        let text = text::render(&unmeasured(), Style::default());
        assert!(text.contains("lost = 0") && text.contains("not measured"), "{text}");
        let json = crate::json::render(&unmeasured(), Style::default());
        for told in [
            text,
            markdown::render(&unmeasured(), Style::default()),
            html::render(&unmeasured(), Style::default()),
            junit::render(&unmeasured(), Style::default()),
        ] {
            assert!(!told.contains("missed"), "{told}");
        }
        assert!(!json.contains("\"met\""), "{json}");
    }

    /// Stopped before the schedule.
    fn unmeasured() -> LoadRecord {
        let mut record = LoadRecord { end: RunEnd::Interrupted, ..LoadRecord::default() };
        let slos = ["delivery.p99 < 500 ms", "lost = 0"];
        record.evaluate(&slos.map(|slo| slo.parse().unwrap()));
        record
    }

    #[test]
    fn a_capacity_is_an_interval() {
        let mut record = example_record().capacity.unwrap();
        let both = "120.0 messages a second met every service level 3 times; \
                    140.0 messages a second missed one 3 times";
        assert_eq!(capacity(&record), both);
        record.trials[0] =
            Trial { value: 120.0, outcome: LoadOutcome::Invalid, ..Trial::default() };
        let held = "met every service level in 3 of 4 trials, 1 invalid; ";
        assert!(capacity(&record).contains(held), "{}", capacity(&record));
        record.breaks = None;
        record.note = Some("nothing higher was tried".to_owned());
        let expected = "at least 120.0 messages a second, which met every service level in 3 of 4 trials, \
                        1 invalid; nothing higher was tried";
        assert_eq!(capacity(&record), expected);
    }

    #[test]
    fn a_capacity_that_the_generator_bounds_is_a_lower_bound_and_says_whose_limit_it_is() {
        let mut record = example_record();
        record.slos.retain(|slo| !slo.is_missed());
        let found = record.capacity.as_mut().unwrap();
        (found.breaks, found.generator_limit) = (None, Some(130.0));
        let expected = "at least 120.0 messages a second, which met every service level 3 times; \
                        the generator, not the target, was the limit: it could not do 130.0 messages a second";
        assert_eq!(capacity(found), expected);
        let verdict = told(&record);
        let beginning = "INCOMPLETE: the search ended where the generator does, not the target; \
                         2 service levels met; ";
        assert!(verdict.starts_with(beginning), "{verdict}");
        assert!(verdict.ends_with("; exit code 3"), "{verdict}");
    }
}
