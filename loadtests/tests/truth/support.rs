//! Load runs against the server.

use std::time::Duration;

use hearback_client::{Account, Target};
use hearback_history::RunEnd;
use hearback_loadtests::{LoadRecord, Profile};
use hearback_runner::load::{LoadRun, Options};
use hearback_runner::run::Identity;
use hearback_runner::{Context, TargetUnderTest};

use crate::server::Server;

/// A profile whose rooms have one talker and otherwise readers.
pub(crate) fn profile(rooms: usize, members: usize, rate: u32, seconds: u32) -> Profile {
    let audience = format!(r#"reader = {{ weight = {}, interval = "1h" }}"#, members - 1);
    profile_with(rooms, members, rate, seconds, &audience)
}

/// A profile whose rooms have one talker and an audience, given as lines of the persona mix.
pub(crate) fn profile_with(
    rooms: usize,
    members: usize,
    rate: u32,
    seconds: u32,
    audience: &str,
) -> Profile {
    let text = format!(
        r#"
        description = "Truth."
        warm_up = "0s"
        drain = "2s"
        connect_rate = 500
        slos = ["lost = 0"]
        [[rooms]]
        count = {rooms}
        members = {members}
        [personas]
        talker = {{ weight = 1 }}
        {audience}
        [[phase]]
        kind = "constant"
        rate = {rate}
        duration = "{seconds}s"
        "#
    );
    Profile::parse("truth", "truth.toml", &text).unwrap()
}

/// Runs a profile and archives its rooms.
pub(crate) async fn load(server: &Server, profile: Profile) -> LoadRecord {
    let accounts = (1..=profile.accounts as i64).map(|id| Account {
        id: Some(id.into()),
        ..Account::with_password(format!("user-{id}"), format!("password-{id}"))
    });
    let target = TargetUnderTest::started(
        Target::new(&server.base, None).unwrap(),
        accounts.collect(),
        None,
        Vec::new(),
        None,
    );
    let options = Options {
        identity: Identity { name: "truth".to_owned(), seed: 1 },
        interim: false,
        part: None,
        timeout: Duration::from_secs(10),
        goose_report: None,
        record: None,
        journal: None,
    };
    let load = LoadRun::new(options, target, Context::default()).unwrap();
    let prepared = load.prepare(profile, None).await.unwrap();
    let rooms = prepared.plan().rooms.len();
    let finished = prepared.run().await.unwrap();
    prepared.archive(RunEnd::Completed).await;
    assert_eq!(server.stats(|stats| stats.archived), rooms);
    finished.goose.unwrap();
    finished.record
}
