//! Exports for the tools of HdrHistogram.

use hearback_stats::{HistogramSnapshot, LoadRecord};

use crate::shown::shown;
use crate::style::Style;

/// The percentile spectrum of the latency to each recipient, in milliseconds.
pub(crate) fn spectrum(record: &LoadRecord, _: Style) -> String {
    record.latencies.delivery.hgrm()
}

/// The percentile spectrum of the latency to the last recipient, in milliseconds.
pub(crate) fn last_spectrum(record: &LoadRecord, _: Style) -> String {
    record.latencies.last.hgrm()
}

/// An interval log with the tags `delivery`, `last` and `lag`. Values are in microseconds, times in seconds from the first
/// interval: tools leave out what begins before 0.
pub(crate) fn log(record: &LoadRecord, _: Style) -> String {
    let header = [
        "[Histogram log format version 1.3]".to_owned(),
        format!(
            "[hearback {}, run {}, started {}; values in microseconds]",
            record.hearback_version, record.run, record.started_at
        ),
    ];
    let header = header.map(|line| format!("#{}\n", shown(&line)));
    let mut log = header.concat();
    log.push_str(
        "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
    );
    let first_s = record.series.first().map_or(0.0, |second| second.at_s);
    for second in &record.series {
        let tags = [("delivery", &second.delivery), ("last", &second.last), ("lag", &second.lag)];
        for (tag, snapshot) in tags {
            if let Some(line) = interval(snapshot) {
                let (at, length) = (second.at_s - first_s, second.length_s);
                log.push_str(&format!("Tag={tag},{at:.3},{length:.3},{line}\n"));
            }
        }
    }
    log
}

fn interval(snapshot: &HistogramSnapshot) -> Option<String> {
    let encoded = snapshot.encoded()?;
    let longest = snapshot.decode().ok()?.histogram().max();
    Some(format!("{longest}.000,{encoded}"))
}

#[cfg(test)]
mod tests {
    use hearback_stats::Distribution;
    use hearback_testkit::load::example_record;

    use super::*;

    #[test]
    fn intervals_add_up_to_the_whole_run() {
        let record = example_record();
        let log = log(&record, Style::default());
        let mut sum = 0;
        let prefix = "Tag=delivery,";
        for line in log.lines().filter_map(|line| line.strip_prefix(prefix)) {
            let encoded = line.rsplit(',').next().unwrap();
            let json = serde_json::json!({ "samples": 0, "never": 0, "histogram": encoded });
            sum += serde_json::from_value::<Distribution>(json).unwrap().samples();
        }
        assert_eq!(sum, record.deliveries.received);
    }
}
