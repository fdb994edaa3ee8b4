//! In any weather, a correct server is not blamed.

use hearback_mutants::{WEATHER, WeatherSet};
use hearback_runner::Context;
use hearback_runner::prove::{Combination, Options, Switch, prove_tolerance};
use hearback_scenarios::embedded;

use crate::support::proof_options;

/// Scenarios that together log in, refuse credentials, write, read, search, and use sockets.
const SCENARIOS: [&str; 6] = [
    "auth/tokens",
    "auth/wrong-credentials",
    "message/search",
    "room/views-agree",
    "socket/messages",
    "unread/counting",
];

/// Values that make a kind show within few requests, and quickly.
const SHARPER: [(&str, &str); 18] = [
    ("latency", "20ms"),
    ("jitter", "10ms"),
    ("slow-responses", "20ms"),
    ("reuse-close", "7"),
    ("resets", "11"),
    ("lost-responses", "11"),
    ("bad-gateway", "11"),
    ("lost-bad-gateway", "11"),
    ("unavailable", "11"),
    ("gateway-timeout", "11"),
    ("throttle", "12"),
    ("throttle-date", "12"),
    ("throttle-bare", "12"),
    ("throttle-text", "12"),
    ("throttle-forbidden", "12"),
    ("login-throttle", "60"),
    ("login-throttle-bare", "60"),
    ("login-throttle-forbidden", "60"),
];

/// Combinations in which a *must* was once blamed.
const COMBINATIONS: [&str; 1] = ["read-lag=200ms,slow-responses=200ms"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_kind_of_weather_breaks_a_must() {
    let sets = WEATHER.iter().map(|kind| {
        let id = kind.id.as_str();
        match SHARPER.iter().find(|(sharper, _)| *sharper == id) {
            Some((_, value)) => format!("{id}={value}").parse().unwrap(),
            None => WeatherSet::of(kind),
        }
    });
    let combinations = COMBINATIONS.iter().map(|it| it.parse().unwrap());
    let sets = sets.chain(combinations).map(|it| Combination::from(Switch::Weather(it)));
    let options = Options {
        // Most of the time is spent waiting.
        jobs: 8,
        ..proof_options()
    };
    let mut scenarios = embedded();
    scenarios.retain(|scenario| SCENARIOS.contains(&scenario.name.as_str()));
    assert_eq!(scenarios.len(), SCENARIOS.len());
    let context = Context::default();
    let rows =
        prove_tolerance(&options, sets.collect(), &scenarios, &context).await.unwrap().finished;
    assert_eq!(rows.len(), WEATHER.len() + COMBINATIONS.len());
    let blamed: Vec<_> = rows.iter().filter(|row| !row.holds()).collect();
    assert!(blamed.is_empty(), "{blamed:#?}");
    let blind: Vec<_> = rows.iter().filter(|row| row.held == 0).collect();
    assert!(blind.is_empty(), "{blind:#?}");
}
