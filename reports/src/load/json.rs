//! JSON Schemas of load records, comparisons and calibrations.

/// The JSON Schema (2020-12) of the JSON report of a load run.
pub const LOAD_SCHEMA: &str = include_str!("../../load.schema.json");

/// The JSON Schema (2020-12) of the JSON report of a comparison.
pub const COMPARISON_SCHEMA: &str = include_str!("../../comparison.schema.json");

/// The JSON Schema (2020-12) of the JSON report of a calibration.
pub const CALIBRATION_SCHEMA: &str = include_str!("../../calibration.schema.json");

#[cfg(test)]
mod tests {
    use hearback_history::RunEnd;
    use hearback_stats::comparison::{CalibrationVerdict, ComparisonVerdict};
    use hearback_stats::record::{SharedRoomsRecord, WorkerRecord};
    use hearback_stats::{Calibration, Comparison, LoadRecord, Minimum};
    use hearback_testkit::load::example_record;
    use serde_json::Value;

    use super::*;
    use crate::fixtures::HOSTILE;
    use crate::json::render;
    use crate::json::testing::{assert_exact, assert_fits, validator};
    use crate::load::{calibration, comparison};
    use crate::style::Style;
    use hearback_history::escape::is_hidden;

    fn rendered(record: &LoadRecord) -> Value {
        serde_json::from_str(&render(record, Style::default())).unwrap()
    }

    /// The example record with a single second.
    fn short() -> LoadRecord {
        let mut record = example_record();
        record.series.truncate(1);
        record.invalid_reasons = vec!["late".to_owned()];
        record
    }

    #[test]
    fn records_match_the_schema() {
        let mut aborted = example_record();
        aborted.end = RunEnd::Aborted { reason: "the target is gone".to_owned() };
        aborted.workers = vec![WorkerRecord {
            number: 1,
            host: "a".to_owned(),
            late_ms: Some(0.1),
            clock_error_ms: Some(0.2),
            lag_p99_ms: Some(0.3),
            ..WorkerRecord::default()
        }];
        aborted.shared_rooms = Some(SharedRoomsRecord {
            rooms: 1,
            deliveries: aborted.deliveries,
            latency: aborted.latencies.delivery.clone(),
            clock_error_ms: Some(0.4),
        });
        aborted.notes = vec!["too few messages".to_owned()];
        aborted.aborted_by = aborted.slos.first().cloned();
        // The schema must contain all kinds of errors.
        for kind in hearback_stats::ErrorKind::ALL {
            aborted.errors.add(kind, 1);
        }
        let validator = validator(LOAD_SCHEMA);
        for record in [example_record(), aborted, LoadRecord { format: 1, ..LoadRecord::default() }]
        {
            assert_fits(&validator, &rendered(&record));
        }
    }

    #[test]
    fn missing_and_additional_keys_do_not_match() {
        let optional = [
            "invalid_reasons",
            "notes",
            "aborted_by",
            "workers",
            "shared_rooms",
            "late_ms",
            "clock_error_ms",
            "lag_p99_ms",
            "examples",
            "worst_rooms",
            "sample",
            "capacity",
            "histogram",
            "server_cpu_s",
            "server_cpu",
            "holds",
            "breaks",
            "met",
            "aborted",
        ];
        assert_exact(&validator(LOAD_SCHEMA), &rendered(&short()), |path, name| {
            optional.contains(&name)
                || path.ends_with("/errors")
                || (path.starts_with("/series/") && name == "errors")
        });
    }

    /// All keys are required, except for the histogram, which is absent without samples.
    #[test]
    fn comparisons_match_the_schema_exactly() {
        let json = |text: String| serde_json::from_str::<Value>(&text).unwrap();
        let mut comparison = comparison::fixtures::worse();
        let validator = validator(COMPARISON_SCHEMA);
        let rendered = json(render(&comparison, Style::default()));
        assert_fits(&validator, &rendered);
        assert_exact(&validator, &rendered, |_, name| name == "histogram");
        comparison.pooled = Default::default();
        for verdict in [
            ComparisonVerdict::Worse,
            ComparisonVerdict::Inconclusive,
            ComparisonVerdict::NotWorse,
            ComparisonVerdict::Better,
        ] {
            comparison.verdict = verdict;
            assert_fits(&validator, &json(render(&comparison, Style::default())));
        }
    }

    #[test]
    fn calibrations_match_the_schema_exactly() {
        let json = |text: String| serde_json::from_str::<Value>(&text).unwrap();
        let mut calibration = calibration::fixtures::noisy();
        let validator = validator(CALIBRATION_SCHEMA);
        let rendered = json(render(&calibration, Style::default()));
        assert_fits(&validator, &rendered);
        assert_exact(&validator, &rendered, |_, _| false);
        for verdict in [
            CalibrationVerdict::TooFew,
            CalibrationVerdict::Unsteady,
            CalibrationVerdict::TooNoisy,
            CalibrationVerdict::Sensitive,
        ] {
            calibration.verdict = verdict;
            calibration.metrics.truncate(0);
            assert_fits(&validator, &json(render(&calibration, Style::default())));
        }
    }

    #[test]
    fn computed_comparisons_match_the_schema() {
        let runs = |count| -> Vec<LoadRecord> {
            let run = |number| LoadRecord { run: format!("r{number}"), ..short_and_valid() };
            (0..count).map(run).collect()
        };
        let json = |text: String| serde_json::from_str::<Value>(&text).unwrap();
        let (ten, minimum) = (runs(10), Minimum::default());
        let comparison = Comparison::of([&ten[..5], &ten[5..]], minimum).unwrap();
        let rendered = json(render(&comparison, Style::default()));
        assert_fits(&validator(COMPARISON_SCHEMA), &rendered);
        for count in [4, 10] {
            let calibration = Calibration::of(runs(count), minimum).unwrap();
            let rendered = json(render(&calibration, Style::default()));
            assert_fits(&validator(CALIBRATION_SCHEMA), &rendered);
        }
    }

    fn short_and_valid() -> LoadRecord {
        LoadRecord { invalid_reasons: Vec::new(), ..short() }
    }

    #[test]
    fn hostile_text_is_preserved_in_escaped_form() {
        let mut record = short();
        record.target = HOSTILE.to_owned();
        record.examples[0].text = HOSTILE.to_owned();
        let json = render(&record, Style::default());
        assert_eq!(json.chars().find(|letter| is_hidden(*letter) && *letter != '\n'), None);
        let read: LoadRecord = serde_json::from_str(&json).unwrap();
        assert_eq!((&*read.target, &read.examples), (HOSTILE, &record.examples));
    }
}
