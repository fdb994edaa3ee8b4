//! Counts: what the server drops, doubles or exchanges is what is counted.

use hearback_loadtests::{LoadRecord, Profile};
use hearback_stats::ledger::DeliveryCounts;

use crate::server::{Behaviour, Mistake, Server};
use crate::support::{load, profile, profile_with};

/// The account of a server that makes the mistake once in a thousand deliveries, and how often it did.
async fn account(mistake: Mistake) -> (DeliveryCounts, u64) {
    let (record, times) = record(mistake, profile(5, 20, 150, 3)).await;
    // What never came is in the distribution, not missing from it.
    let delivery = &record.latencies.delivery;
    let account = record.deliveries;
    assert_eq!((delivery.samples(), delivery.never()), (account.received, account.lost));
    (account, times)
}

async fn record(mistake: Mistake, profile: Profile) -> (LoadRecord, u64) {
    let behaviour = Behaviour { mistake: Some((mistake, 1000)), ..Behaviour::default() };
    let server = Server::start(behaviour).await;
    let record = load(&server, profile).await;
    let (deliveries, mistakes) = server.deeds(|deeds| (deeds.deliveries, deeds.mistakes));
    assert_eq!(deliveries, 9000);
    assert!(mistakes >= 8, "{mistakes}");
    let account = &record.deliveries;
    assert_eq!((account.messages, account.expected), (450, 9000));
    assert_eq!(record.slos[0].met, Some(account.lost == 0));
    (record, mistakes)
}

fn mistakes(account: &DeliveryCounts) -> [u64; 3] {
    [account.lost, account.duplicate, account.out_of_order]
}

#[tokio::test(flavor = "multi_thread")]
async fn dropped_deliveries_are_counted_exactly() {
    let (account, times) = account(Mistake::Drop).await;
    assert_eq!(mistakes(&account), [times, 0, 0]);
}

/// Four of five do not read for most of the time, and what they get is late by that; but it is not lost.
#[tokio::test(flavor = "multi_thread")]
async fn what_slow_readers_never_get_is_counted_exactly() {
    let audience = r#"
        reader = { weight = 3, interval = "1h" }
        slow-reader = { weight = 16, interval = "300ms", stall = "900ms" }
        "#;
    let (record, times) = record(Mistake::Drop, profile_with(5, 20, 150, 3, audience)).await;
    assert_eq!(mistakes(&record.deliveries), [times, 0, 0]);
    assert_eq!(record.deliveries.received + times, 9000);
    let delivery = &record.latencies.delivery;
    assert_eq!(delivery.samples() + delivery.never(), 450 * 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn doubled_deliveries_are_counted_exactly() {
    let (account, times) = account(Mistake::Double).await;
    assert_eq!(mistakes(&account), [0, times, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn exchanged_deliveries_are_counted_exactly() {
    let (account, times) = account(Mistake::Swap).await;
    // One that was held for a successor that never came is lost.
    assert_eq!(account.duplicate, 0);
    assert_eq!((account.out_of_order, account.lost + times), (times, 9));
}
