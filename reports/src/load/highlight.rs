//! The key figures of a load run: latency to each and to the last recipient, losses, and the generator.

use hearback_stats::{Distribution, LoadRecord, MetricValue, Unit};

use super::words;
use crate::table::Tone;
use crate::words::number;

/// A figure with its name and supplementary lines.
pub(super) struct Highlight {
    pub(super) name: &'static str,
    pub(super) figure: String,
    pub(super) notes: Vec<String>,
    pub(super) tone: Tone,
}

/// The key figures of a run.
pub(super) fn highlights(record: &LoadRecord) -> [Highlight; 4] {
    let latencies = &record.latencies;
    [
        latency("To each recipient", &latencies.delivery),
        latency("To the last recipient", &latencies.last),
        lost(record),
        generator(record),
    ]
}

fn latency(name: &'static str, of: &Distribution) -> Highlight {
    let format = |value| Unit::Milliseconds.format(value);
    let (figure, notes) = match of.quantile(0.99) {
        MetricValue::NoSamples => ("not measured".to_owned(), Vec::new()),
        p99 => {
            let longest = match of.longest() {
                MetricValue::Never => "some never arrived".to_owned(),
                longest => format!("maximum {}", format(longest)),
            };
            let median = format!("median {}", format(of.quantile(0.5)));
            (format(p99), vec!["99th percentile".to_owned(), median, longest])
        }
    };
    Highlight { name, figure, notes, tone: Tone::Plain }
}

fn lost(record: &LoadRecord) -> Highlight {
    let counts = &record.deliveries;
    let failures = [counts.lost, counts.duplicate, counts.out_of_order, counts.leaked];
    let [lost, duplicate, out_of_order, leaked] = failures.map(number);
    Highlight {
        name: "Lost",
        figure: if counts.expected == 0 { "nothing owed".to_owned() } else { lost },
        notes: vec![
            format!("of {} deliveries", number(counts.expected)),
            format!("{duplicate} duplicate, {leaked} leaked"),
            format!("{out_of_order} out of order"),
        ],
        tone: match failures {
            // The counts of an invalid run have no meaning.
            _ if !record.invalid_reasons.is_empty() => Tone::Plain,
            [0, 0, 0, 0] if counts.expected == 0 => Tone::Plain,
            [0, 0, 0, 0] => Tone::Good,
            _ => Tone::Bad,
        },
    }
}

fn generator(record: &LoadRecord) -> Highlight {
    let generator = &record.generator;
    let is_invalid = !record.invalid_reasons.is_empty();
    let lag = record.latencies.lag.quantile(0.99);
    let (figure, tone) = match lag {
        _ if is_invalid => ("invalid", Tone::Bad),
        MetricValue::NoSamples => ("nothing sent", Tone::Plain),
        MetricValue::Value(_) | MetricValue::Never => ("on schedule", Tone::Good),
    };
    let bound = generator.lag_bound_ms;
    let mut notes = match lag {
        MetricValue::NoSamples => vec![format!("a lag above {bound:.0} ms is invalid")],
        lag => {
            vec![format!("lag p99 {}", words::latency(lag)), format!("at most {bound:.0} ms")]
        }
    };
    if record.duration_s > 0.0 {
        let cores = generator.cpu_s / record.duration_s;
        notes.push(format!("{cores:.2} of {} cores", generator.cores));
    }
    Highlight { name: "Generator", figure: figure.to_owned(), notes, tone }
}

#[cfg(test)]
mod tests {
    use hearback_testkit::load::example_record;

    use super::*;

    fn formatted(record: &LoadRecord) -> [String; 4] {
        highlights(record)
            .map(|one| format!("{}: {} ({})", one.name, one.figure, one.notes.join("; ")))
    }

    #[test]
    fn key_figures_of_a_run() {
        let expected = [
            "To each recipient: 311 ms (99th percentile; median 8.89 ms; some never arrived)",
            "To the last recipient: 335 ms (99th percentile; median 14.83 ms; some never arrived)",
            "Lost: 12 (of 107,962 deliveries; 2 duplicate, 0 leaked; 3 out of order)",
            "Generator: on schedule (lag p99 0.29 ms; at most 10 ms; 0.44 of 2 cores)",
        ];
        assert_eq!(formatted(&example_record()), expected);
    }

    #[test]
    fn invalid_runs_have_no_good_figures() {
        let mut record = example_record();
        record.invalid_reasons.push("late".to_owned());
        let [.., lost, generator] = highlights(&record);
        assert_eq!((&*generator.figure, generator.tone), ("invalid", Tone::Bad));
        assert_eq!(lost.tone, Tone::Plain);
    }

    #[test]
    fn runs_without_samples_have_no_figures() {
        let [each, last, lost, generator] = highlights(&LoadRecord::default());
        assert_eq!([&each, &last].map(|one| &*one.figure), ["not measured"; 2]);
        assert_eq!((&*lost.figure, lost.tone), ("nothing owed", Tone::Plain));
        assert_eq!((&*generator.figure, generator.tone), ("nothing sent", Tone::Plain));
    }
}
