//! Throttles that demand strange delays.

use super::behavior::Change::Throttle;
use super::behavior::On::{Handshakes, Logins, Operations};
use super::behavior::{Behavior, row};

pub(super) const ALL: &[Behavior] = &[
    row("throttle: 0", Operations, Throttle("429 T", "0")).every(5),
    row("throttle: -1", Operations, Throttle("429 T", "-1")).every(5),
    row("throttle: 0.05", Operations, Throttle("429 T", "0.05")).every(5),
    row("throttle: 1e308", Operations, Throttle("429 T", "1e308")).every(20),
    row(
        "throttle: 40 digits",
        Operations,
        Throttle("429 T", "9999999999999999999999999999999999999999"),
    )
    .every(20),
    row("throttle: NaN", Operations, Throttle("429 T", "NaN")).every(20),
    row("throttle: text", Operations, Throttle("429 T", "later")).every(20),
    row("throttle: empty", Operations, Throttle("429 T", "")).every(20),
    row("throttle: of the past", Operations, Throttle("429 T", "Thu, 01 Jan 1970 00:00:00 GMT"))
        .every(20),
    row("throttle: until 2099", Operations, Throttle("429 T", "Thu, 01 Jan 2099 00:00:00 GMT"))
        .every(20),
    row("throttle: 503 of an hour", Operations, Throttle("503 Unavailable", "3600")).every(20),
    row("throttle: always 0", Operations, Throttle("429 T", "0")),
    row("throttle: login, 0", Logins, Throttle("429 T", "0")).every(2),
    row("throttle: login, a year", Logins, Throttle("429 T", "31536000")),
    row("throttle: handshake, always 0", Handshakes, Throttle("429 T", "0")),
    row("throttle: handshake, 1e308", Handshakes, Throttle("429 T", "1e308")),
];
