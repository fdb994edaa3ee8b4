//! Records of load runs.

use std::sync::LazyLock;

use hearback_history::RunEnd;
use hearback_stats::record::Trial;
use hearback_stats::{LoadOutcome, LoadRecord};
use hearback_testkit::load::example_record;
use proptest::prelude::*;

#[test]
fn records_survive_json() {
    let record = example_record();
    let text = serde_json::to_string_pretty(&record).unwrap();
    let read: LoadRecord = serde_json::from_str(&text).unwrap();
    assert_eq!(read.latencies, record.latencies);
    assert_eq!(read.sizes, record.sizes);
    assert_eq!((&read.deliveries, &read.errors), (&record.deliveries, &record.errors));
    assert_eq!((read.outcome(), read.series.len()), (record.outcome(), record.series.len()));
    let keys = |text: &str| text.matches("\":").count();
    assert_eq!(keys(&serde_json::to_string(&read).unwrap()), keys(&text));
}

#[test]
fn trials_have_reasons_for_their_outcome() {
    let slos = example_record().slos;
    let trial = |outcome| Trial {
        outcome,
        slos: slos.clone(),
        invalid_reasons: vec!["late".to_owned()],
        aborted: Some("gone".to_owned()),
        ..Trial::default()
    };
    assert!(trial(LoadOutcome::Met).reasons().is_empty());
    assert_eq!(trial(LoadOutcome::Invalid).reasons(), ["late"]);
    let reasons = trial(LoadOutcome::Incomplete).reasons();
    assert_eq!(reasons, ["gone", "delivery.p99 < 250 ms: 311 ms", "lost = 0: 12"]);
}

#[test]
fn incomplete_outweighs_invalid_and_invalid_outweighs_service_levels() {
    let mut record = example_record();
    record.slos.retain(|slo| !slo.is_missed());
    assert_eq!(record.outcome(), LoadOutcome::Met);
    record.capacity.as_mut().unwrap().generator_limit = Some(130.0);
    assert_eq!(record.outcome(), LoadOutcome::Incomplete);
    record.capacity.as_mut().unwrap().generator_limit = None;
    record.slos[0].met = Some(false);
    assert_eq!(record.outcome(), LoadOutcome::NotMet);
    record.sends.sent = 0;
    assert_eq!(record.outcome(), LoadOutcome::NothingMeasured);
    record.invalid_reasons.push("too slow".to_owned());
    assert_eq!(record.outcome(), LoadOutcome::Invalid);
    record.end = RunEnd::Interrupted;
    assert_eq!(record.outcome(), LoadOutcome::Incomplete);
}

/// The JSON of a short record.
static SHORT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut record = example_record();
    record.series.truncate(1);
    serde_json::to_vec(&record).unwrap()
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_bytes_parse_or_fail(bytes: Vec<u8>) {
        let _parsed = serde_json::from_slice::<LoadRecord>(&bytes);
    }

    #[test]
    fn damaged_records_are_evaluated_or_rejected(
        at: prop::sample::Index, bytes in prop::collection::vec(any::<u8>(), 1..4)
    ) {
        let mut text = SHORT.clone();
        let at = at.index(text.len());
        let end = (at + bytes.len()).min(text.len());
        text.splice(at..end, bytes);
        if let Ok(mut read) = serde_json::from_slice::<LoadRecord>(&text) {
            let slos = ["delivery.p99 < 250 ms", "lost = 0"].map(|slo| slo.parse().unwrap());
            read.evaluate(&slos);
            let _outcome = read.outcome();
        }
    }
}
