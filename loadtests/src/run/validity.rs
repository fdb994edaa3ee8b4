//! Validity of a run: the generator kept its schedule.

use std::time::Duration;

use hearback_stats::LoadRecord;

/// Minimum number of messages of which the 99th percentile of the lag means anything.
const MIN_MESSAGES: u64 = 100;

/// Marks a record invalid if the generator lagged by more than `bound`; notes it if too few messages tell.
pub fn judge(record: &mut LoadRecord, bound: Duration) {
    let bound_ms = bound.as_secs_f64() * 1000.0;
    record.generator.lag_bound_ms = bound_ms;
    let lag = &record.latencies.lag;
    let (messages, p99) = (lag.samples(), lag.quantile(0.99).value());
    match p99 {
        Some(_) if messages < MIN_MESSAGES => record.notes.push(format!(
            "too few messages ({messages}, fewer than {MIN_MESSAGES}) to tell whether the generator kept its schedule"
        )),
        Some(lag) if lag > bound_ms => record.invalid_reasons.push(format!(
            "the generator fell behind its schedule: the 99th percentile of its lag was {lag:.1} ms, above the \
             bound of {bound_ms:.0} ms"
        )),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use hearback_history::Nanoseconds;

    use super::*;

    fn judged(messages: u64, lag_ms: u64) -> LoadRecord {
        let mut record = LoadRecord::default();
        for _ in 0..messages {
            record.latencies.lag.record(Nanoseconds::from_millis(lag_ms));
        }
        judge(&mut record, Duration::from_millis(25));
        record
    }

    #[test]
    fn a_lag_above_the_bound_is_invalid() {
        assert_eq!(judged(100, 30).invalid_reasons.len(), 1);
        assert_eq!(judged(100, 20), judged_without_remarks(100, 20));
        assert_eq!(judged(0, 0), judged_without_remarks(0, 0));
    }

    #[test]
    fn few_messages_are_not_judged_and_this_is_noted() {
        for lag_ms in [20, 30] {
            let record = judged(99, lag_ms);
            assert_eq!((record.invalid_reasons.len(), record.notes.len()), (0, 1));
        }
    }

    fn judged_without_remarks(messages: u64, lag_ms: u64) -> LoadRecord {
        let record = judged(messages, lag_ms);
        LoadRecord { invalid_reasons: Vec::new(), notes: Vec::new(), ..record }
    }
}
