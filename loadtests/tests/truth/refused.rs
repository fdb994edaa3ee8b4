//! A run that cannot open its sockets sends no messages.

use hearback_history::RunEnd;
use hearback_stats::{ErrorKind, LoadOutcome};

use crate::server::{Behavior, Server};
use crate::support::{load, profile};

#[tokio::test(flavor = "multi_thread")]
async fn runs_without_their_sockets_are_aborted() {
    let behavior = Behavior { sockets: Some(10), ..Behavior::default() };
    let server = Server::start(behavior).await;
    let record = load(&server, profile(2, 10, 50, 3)).await;
    let RunEnd::Aborted { reason } = &record.end else { panic!("{:?}", record.end) };
    let expected = "only 10 of 20 sockets could be opened: 503 instead of 101: full";
    assert!(reason.contains(expected) || reason.contains("throttled"), "{reason}");
    assert_eq!(server.stats(|stats| stats.messages), 0);
    assert_eq!(record.outcome(), LoadOutcome::Incomplete);
    assert_eq!(record.errors.of(ErrorKind::HandshakeRejected), 10);
}
