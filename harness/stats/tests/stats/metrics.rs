//! Metrics, read from records.

use hearback_stats::metric::MetricFamily;
use hearback_stats::{LoadRecord, METRICS, Metric, MetricValue, Slo};
use hearback_testkit::load::example_record;

#[test]
fn all_metrics_are_found_by_id_and_have_a_value() {
    let record = example_record();
    for id in METRICS.iter().flat_map(MetricFamily::ids) {
        let metric = Metric::by_id(&id).unwrap();
        assert_eq!(metric.id(), id);
        assert_ne!(metric.read(&record), MetricValue::NoSamples, "{id}");
    }
}

#[test]
fn empty_records_have_no_samples() {
    let record = LoadRecord::default();
    for id in METRICS.iter().flat_map(MetricFamily::ids) {
        assert_eq!(Metric::by_id(&id).unwrap().read(&record), MetricValue::NoSamples, "{id}");
    }
}

#[test]
fn documented_service_levels_are_valid() {
    let page = include_str!("../../../../docs/metrics.md");
    let (_, rest) = page.split_once("slos = [\n").unwrap();
    let (list, _) = rest.split_once(']').unwrap();
    let texts: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
    assert!(texts.len() >= 5, "{texts:?}");
    for text in texts {
        text.parse::<Slo>().unwrap_or_else(|error| panic!("{text}: {error}"));
    }
}
