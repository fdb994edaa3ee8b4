//! Sockets that do not stay open.

use std::time::Duration;

use hearback_reference::delivery::Closing;

use crate::weather::kind::Effect::Time;
use crate::weather::kind::{WeatherKind, row};

const LIFETIME: &str = "Lifetime of a socket";

pub(super) const ROWS: &[WeatherKind] = &[
    row(
        "socket-cut",
        "Sockets end after a time without a close frame (1006).",
        Time(LIFETIME, Duration::from_secs(2), |setup, lifetime| {
            setup.network.socket_cut = Some(lifetime);
        }),
    ),
    row(
        "socket-going-away",
        "Sockets are closed after a time with 1001.",
        Time(LIFETIME, Duration::from_secs(2), |setup, lifetime| {
            setup.socket_ends.push((lifetime, Closing { code: 1001, reason: "" }));
        }),
    ),
    row(
        "socket-restart",
        "Sockets are closed after a time with 1012.",
        Time(LIFETIME, Duration::from_secs(2), |setup, lifetime| {
            let reason = "The server restarts.";
            setup.socket_ends.push((lifetime, Closing { code: 1012, reason }));
        }),
    ),
    row(
        "socket-idle",
        "Sockets on which nothing is sent for a time end without a close frame.",
        Time("Idle time", Duration::from_secs(1), |setup, time| {
            setup.network.socket_idle = Some(time);
        }),
    ),
];
