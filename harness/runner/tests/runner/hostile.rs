//! Runs against hostile targets: each ends in bounded time, and sends nothing to another origin.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use hearback_contract::RequirementId;
use hearback_reference::{Options, Server};
use hearback_runner::{Context, check};
use hearback_scenarios::embedded;
use hearback_testkit::servers::hostile::{Behavior, HostileTarget, behaviors};

use crate::support::{remote, run, write_accounts};

/// Maximum time of one run among the others; alone, most take less than a second.
const BOUND: Duration = Duration::from_secs(120);

/// Runs at the same time: most of the time is spent waiting.
const CONCURRENCY: usize = 32;

/// Scenarios that together log in, write, read, fetch, and use sockets.
const SCENARIOS: [&str; 3] = ["auth/tokens", "message/attachments", "socket/messages"];

/// The scenario that follows the links of pages; it creates many pages.
const PAGES: &str = "page/walks";

#[tokio::test(flavor = "multi_thread")]
async fn runs_against_hostile_targets_end_and_stay_at_their_origin() {
    let runs = stream::iter(behaviors()).map(against).buffer_unordered(CONCURRENCY);
    let problems: Vec<_> = runs.filter_map(|problem| async { problem }).collect().await;
    assert!(problems.is_empty(), "{problems:#?}");
}

/// Runs against a target with one behavior, and returns what went wrong.
async fn against(behavior: Behavior) -> Option<String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let server = Server::start(Options::default(), address).await.expect("the server starts");
    let hostile = HostileTarget::start(behavior, server.address());
    let folder = tempfile::tempdir().expect("a folder");
    write_accounts(folder.path(), &["alice", "bob", "carol"]);
    let target = remote(hostile.url().to_owned(), folder.path());
    let mut run = run("room");
    run.selected = RequirementId::all().collect();
    run.timeout = Duration::from_millis(500);
    run.response_timeout = Duration::from_secs(1);
    let mut scenarios = embedded();
    let has_links = behavior.name.starts_with("link: next");
    scenarios.retain(|scenario| {
        let name = scenario.name.as_str();
        SCENARIOS.contains(&name) || name == PAGES && has_links
    });
    assert_eq!(scenarios.len(), SCENARIOS.len() + usize::from(has_links));
    let target = target.open().expect("a valid target");
    // On a task of its own, so that a panic is a result.
    let checked = tokio::spawn(async move {
        check::check(&run, target, scenarios, &Context::default(), Vec::new()).await.map(drop)
    });
    let checked = tokio::time::timeout(BOUND, checked).await;
    let name = behavior.name;
    server.stop().await;
    match checked {
        Err(_) => Some(format!("{name}: no end within {BOUND:?}")),
        Ok(Err(panic)) => Some(format!("{name}: {panic}")),
        Ok(Ok(_)) if hostile.strays() > 0 => Some(format!("{name}: a request left the target")),
        Ok(Ok(_)) => None,
    }
}
