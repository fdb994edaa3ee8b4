//! What is asked first: how long to each, how long to the last, what was lost, and did the generator keep up?

use hearback_stats::{Distribution, LoadRecord, MetricValue, Unit};

use super::words;
use crate::table::Tone;
use crate::words::number;

/// A figure with its name above it, and what is to be known with it below.
pub(super) struct Highlight {
    pub(super) name: &'static str,
    pub(super) figure: String,
    pub(super) about: Vec<String>,
    pub(super) tone: Tone,
}

/// The four of a run.
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
    let shown = |value| Unit::Milliseconds.format(value);
    let (figure, about) = match of.quantile(0.99) {
        MetricValue::NoSamples => ("not measured".to_owned(), Vec::new()),
        p99 => {
            let longest = match of.longest() {
                MetricValue::Never => "some never came".to_owned(),
                longest => format!("longest {}", shown(longest)),
            };
            let median = format!("median {}", shown(of.quantile(0.5)));
            (shown(p99), vec!["99th percentile".to_owned(), median, longest])
        }
    };
    Highlight { name, figure, about, tone: Tone::Plain }
}

fn lost(record: &LoadRecord) -> Highlight {
    let account = &record.deliveries;
    let wrong = [account.lost, account.duplicate, account.out_of_order, account.leaked];
    let [lost, doubled, disordered, leaked] = wrong.map(number);
    Highlight {
        name: "Lost",
        figure: if account.expected == 0 { "nothing was due".to_owned() } else { lost },
        about: vec![
            format!("of {} deliveries", number(account.expected)),
            format!("{doubled} doubled, {leaked} leaked"),
            format!("{disordered} disordered"),
        ],
        tone: match wrong {
            // Of an invalid run it says nothing.
            _ if !record.invalid_reasons.is_empty() => Tone::Plain,
            [0, 0, 0, 0] if account.expected == 0 => Tone::Plain,
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
        MetricValue::NoSamples => ("sent nothing", Tone::Plain),
        MetricValue::Value(_) | MetricValue::Never => ("kept up", Tone::Good),
    };
    let bound = generator.lag_bound_ms;
    let mut about = match lag {
        MetricValue::NoSamples => vec![format!("a lag of {bound:.0} ms makes a run invalid")],
        lag => {
            vec![format!("lag p99 {}", words::latency(lag)), format!("of {bound:.0} ms at most")]
        }
    };
    if record.duration_s > 0.0 {
        let cores = generator.cpu_s / record.duration_s;
        about.push(format!("{cores:.2} of {} cores", generator.cores));
    }
    Highlight { name: "The generator", figure: figure.to_owned(), about, tone }
}

#[cfg(test)]
mod tests {
    use hearback_testkit::load::example_record;

    use super::*;

    fn told(record: &LoadRecord) -> [String; 4] {
        highlights(record)
            .map(|one| format!("{}: {} ({})", one.name, one.figure, one.about.join("; ")))
    }

    #[test]
    fn the_first_questions_are_answered() {
        let expected = [
            "To each recipient: 311 ms (99th percentile; median 8.89 ms; some never came)",
            "To the last recipient: 335 ms (99th percentile; median 14.83 ms; some never came)",
            "Lost: 12 (of 107,962 deliveries; 2 doubled, 0 leaked; 3 disordered)",
            "The generator: kept up (lag p99 0.29 ms; of 10 ms at most; 0.44 of 2 cores)",
        ];
        assert_eq!(told(&example_record()), expected);
    }

    #[test]
    fn a_generator_that_was_late_is_not_praised() {
        let mut record = example_record();
        record.invalid_reasons.push("late".to_owned());
        let [.., lost, generator] = highlights(&record);
        assert_eq!((&*generator.figure, generator.tone), ("invalid", Tone::Bad));
        assert_eq!(lost.tone, Tone::Plain);
    }

    #[test]
    fn nothing_is_claimed_of_a_run_without_samples() {
        let [each, last, lost, generator] = highlights(&LoadRecord::default());
        assert_eq!([&each, &last].map(|one| &*one.figure), ["not measured"; 2]);
        assert_eq!((&*lost.figure, lost.tone), ("nothing was due", Tone::Plain));
        assert_eq!((&*generator.figure, generator.tone), ("sent nothing", Tone::Plain));
    }
}
