//! Weather of the network between clients and the server.

use std::time::Duration;

use crate::weather::kind::Effect::{Count, Time};
use crate::weather::kind::{WeatherKind, row};

pub(super) const ROWS: &[WeatherKind] = &[
    row(
        "latency",
        "Each round trip takes longer, including that of a new connection.",
        Time("Added round-trip time", Duration::from_millis(200), |setup, time| {
            setup.network.latency = time;
        }),
    ),
    row(
        "jitter",
        "Each piece of data is delayed by a random time; its order is kept.",
        Time("Maximum delay", Duration::from_millis(50), |setup, time| {
            setup.network.jitter = time;
        }),
    ),
    row(
        "slow-responses",
        "The body of each response arrives in four pieces.",
        Time("Time until the body is complete", Duration::from_millis(200), |setup, time| {
            setup.drip = Some(time);
        }),
    ),
    row(
        "idle-close",
        "Connections that are kept alive are closed without notice once they are idle.",
        Time("Idle time", Duration::from_millis(20), |setup, time| {
            setup.network.idle_close = Some(time);
        }),
    ),
    row(
        "reuse-close",
        "Connections that are kept alive are closed when the next request arrives, which is not read.",
        Count("Affected reuses: every n-th", 15, |setup, every| {
            setup.network.reuse_close = Some(every);
        }),
    ),
    row(
        "resets",
        "Connections are reset when a request arrives, which does not reach the server.",
        Count("Affected requests: every n-th", 40, |setup, every| {
            setup.network.resets = Some(every);
        }),
    ),
    row(
        "lost-responses",
        "Connections are reset after a request was executed, instead of the response.",
        Count("Affected requests: every n-th", 40, |setup, every| {
            setup.network.lost_responses = Some(every);
        }),
    ),
    row(
        "restart",
        "After every 300th request, all connections are reset, and new ones are refused for a time. \
         Nothing that was stored is lost.",
        Time("Time without a server", Duration::from_millis(500), |setup, time| {
            setup.network.restart = Some(time);
        }),
    ),
];
