//! Under any reading, a correct server is not blamed.

use hearback_runner::Context;
use hearback_runner::prove::prove_readings;

use crate::support::proof_options;

/// Readings that differ from the documented ones as much as possible, without contradicting each other.
const SAMPLE: [&str; 2] = [
    "deleted-message-reads=gone,second-direct-room=existing-200,undocumented-bodies=empty,search-shape=array,\
     list-shape-participants=array,default-ordering=newest-first,outsider-status=403,is-read=viewer",
    "delete-status=204,departed-in-participants=listed,rest-reply-to=object,handshake-refusal=close,\
     removed-socket=silent,unread-before-first-mark=all,receipt-moves-unread=up-to,rooms-paging=links",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_sampled_reading_is_blamed() {
    let options = proof_options();
    let sets = SAMPLE.iter().map(|set| set.parse().unwrap()).collect();
    let rows = prove_readings(&options, sets, &Context::default()).await.unwrap().finished;
    assert_eq!(rows.len(), SAMPLE.len() + 1);
    let blamed: Vec<_> = rows.iter().filter(|row| !row.holds()).collect();
    assert!(blamed.is_empty(), "{blamed:#?}");
}
