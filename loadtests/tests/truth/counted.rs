//! Counts: every delivery that the server drops, duplicates or exchanges is counted.

use hearback_loadtests::{LoadRecord, Profile};
use hearback_stats::ledger::DeliveryCounts;

use crate::server::{Behavior, Defect, Server};
use crate::support::{load, profile, profile_with};

/// The delivery counts of a server with a defect in one of a thousand deliveries, and the number of defects.
async fn counts(defect: Defect) -> (DeliveryCounts, u64) {
    let (record, defects) = record(defect, profile(5, 20, 150, 3)).await;
    // The distribution includes the deliveries that never arrived.
    let delivery = &record.latencies.delivery;
    let counts = record.deliveries;
    assert_eq!((delivery.samples(), delivery.never()), (counts.received, counts.lost));
    (counts, defects)
}

async fn record(defect: Defect, profile: Profile) -> (LoadRecord, u64) {
    let behavior = Behavior { defect: Some((defect, 1000)), ..Behavior::default() };
    let server = Server::start(behavior).await;
    let record = load(&server, profile).await;
    let (deliveries, defects) = server.stats(|stats| (stats.deliveries, stats.defects));
    assert_eq!(deliveries, 9000);
    assert!(defects >= 8, "{defects}");
    let counts = &record.deliveries;
    assert_eq!((counts.messages, counts.expected), (450, 9000));
    assert_eq!(record.slos[0].met, Some(counts.lost == 0));
    (record, defects)
}

fn failures(counts: &DeliveryCounts) -> [u64; 3] {
    [counts.lost, counts.duplicate, counts.out_of_order]
}

#[tokio::test(flavor = "multi_thread")]
async fn dropped_deliveries_are_counted_exactly() {
    let (counts, defects) = counts(Defect::Drop).await;
    assert_eq!(failures(&counts), [defects, 0, 0]);
}

/// Four of five members pause reading most of the time. Their deliveries are late, but not lost.
#[tokio::test(flavor = "multi_thread")]
async fn losses_of_slow_readers_are_counted_exactly() {
    let audience = r#"
        reader = { weight = 3, interval = "1h" }
        slow-reader = { weight = 16, interval = "300ms", stall = "900ms" }
        "#;
    let (record, defects) = record(Defect::Drop, profile_with(5, 20, 150, 3, audience)).await;
    assert_eq!(failures(&record.deliveries), [defects, 0, 0]);
    assert_eq!(record.deliveries.received + defects, 9000);
    let delivery = &record.latencies.delivery;
    assert_eq!(delivery.samples() + delivery.never(), 450 * 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicate_deliveries_are_counted_exactly() {
    let (counts, defects) = counts(Defect::Duplicate).await;
    assert_eq!(failures(&counts), [0, defects, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn exchanged_deliveries_are_counted_exactly() {
    let (counts, defects) = counts(Defect::Swap).await;
    // A held delivery without a successor is lost.
    assert_eq!(counts.duplicate, 0);
    assert_eq!((counts.out_of_order, counts.lost + defects), (defects, 9));
}
