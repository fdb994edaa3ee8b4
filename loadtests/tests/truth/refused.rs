//! A target that gives up while sockets are opened gets no messages.

use hearback_history::RunEnd;
use hearback_stats::{ErrorKind, LoadOutcome};

use crate::server::{Behaviour, Server};
use crate::support::{load, profile};

#[tokio::test(flavor = "multi_thread")]
async fn half_the_sockets_are_not_the_run_that_was_asked_for() {
    let behaviour = Behaviour { sockets: Some(10), ..Behaviour::default() };
    let server = Server::start(behaviour).await;
    let record = load(&server, profile(2, 10, 50, 3)).await;
    let RunEnd::Aborted { reason } = &record.end else { panic!("{:?}", record.end) };
    let expected = "only 10 of 20 sockets could be opened: 503 instead of 101: full";
    assert!(reason.contains(expected) || reason.contains("throttled"), "{reason}");
    assert_eq!(server.deeds(|deeds| deeds.messages), 0);
    assert_eq!(record.outcome(), LoadOutcome::Incomplete);
    assert_eq!(record.errors.of(ErrorKind::HandshakeRejected), 10);
}
