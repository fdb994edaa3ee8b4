//! What came of a load run, in words.

use hearback_measure::record::{CapacityRecord, End};
use hearback_measure::{LoadRecord, Outcome, Reading, Unit};

use crate::words::{counted, duration, number};

/// The outcome as a word or two in capitals.
pub(super) fn headline(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Met => "MET",
        Outcome::NotMet => "NOT MET",
        Outcome::Void => "VOID",
        Outcome::Incomplete => "INCOMPLETE",
        Outcome::NothingMeasured => "NOTHING MEASURED",
    }
}

/// The verdict on the whole run, one sentence; `quoted` shows text that others wrote.
pub(super) fn verdict(record: &LoadRecord, quoted: impl Fn(&str) -> String) -> String {
    let outcome = record.outcome();
    let mut parts = Vec::new();
    match &record.end {
        End::Completed => {}
        End::Interrupted => parts.push("the run was interrupted".to_owned()),
        End::Aborted { reason } => parts.push(format!("the run was aborted: {}", quoted(reason))),
    }
    match record.void.as_slice() {
        [] => {}
        [reason] => {
            parts.push(format!("the figures say nothing of the target: {}", quoted(reason)))
        }
        reasons => parts.push(format!(
            "the figures say nothing of the target, for {}",
            counted(reasons.len() as u64, "reason")
        )),
    }
    // Of a void run they say nothing, whatever was measured.
    match outcome {
        Outcome::Void => {}
        Outcome::Incomplete => parts.push(service_levels(record, &quoted) + " so far"),
        _ => parts.push(service_levels(record, &quoted)),
    }
    parts.push(format!(
        "{} of {}, {} lost, in {}",
        deliveries(record.account.received),
        counted(record.sends.sent, "message"),
        number(record.account.lost),
        duration((record.duration_s.max(0.0) * 1000.0) as u64)
    ));
    if record.exit_code() != 0 {
        parts.push(format!("exit code {}", record.exit_code()));
    }
    format!("{}: {}", headline(outcome), parts.join("; "))
}

fn service_levels(record: &LoadRecord, quoted: impl Fn(&str) -> String) -> String {
    let missed: Vec<_> = record.slos.iter().filter(|slo| !slo.met).collect();
    match (record.slos.len(), missed.as_slice()) {
        (0, _) => "no service level was asked for".to_owned(),
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
    let value = |value: f64| match capacity.of.as_str() {
        "rate" => format!("{value:.1} messages a second"),
        other => format!("{value:.0} {other}"),
    };
    let confirmed = counted(capacity.confirmations, "time");
    let found = match (capacity.holds, capacity.breaks) {
        (Some(holds), Some(breaks)) => format!(
            "{} met every service level {confirmed}; {} did not",
            value(holds),
            value(breaks)
        ),
        (Some(holds), None) => format!("{} met every service level {confirmed}", value(holds)),
        (None, Some(breaks)) => format!("{} did not meet every service level", value(breaks)),
        (None, None) => "no end was found".to_owned(),
    };
    match &capacity.limit {
        None => found,
        Some(limit) => format!("{found}; {limit}"),
    }
}

/// A latency in milliseconds, or that it never came; nothing without samples.
pub(super) fn latency(reading: Reading) -> String {
    match reading {
        Reading::NoSamples => String::new(),
        reading => Unit::Milliseconds.shown(reading),
    }
}

#[cfg(test)]
mod tests {
    use hearback_measure::made_up;

    use super::*;

    fn told(record: &LoadRecord) -> String {
        verdict(record, str::to_owned)
    }

    #[test]
    fn the_verdict_names_the_one_service_level_that_was_missed() {
        let mut record = made_up::record();
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
        let mut record = made_up::record();
        record.void = vec!["the generator was late".to_owned()];
        let void = "VOID: the figures say nothing of the target: the generator was late; ";
        assert!(told(&record).starts_with(void), "{}", told(&record));
        record.end = End::Aborted { reason: "the target is gone".to_owned() };
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
    fn a_capacity_is_an_interval() {
        let mut record = made_up::record().capacity.unwrap();
        let both = "120.0 messages a second met every service level 3 times; 140.0 messages a second did not";
        assert_eq!(capacity(&record), both);
        record.breaks = None;
        record.limit = Some("the generator can do no more".to_owned());
        assert!(capacity(&record).ends_with(" 3 times; the generator can do no more"));
    }
}
