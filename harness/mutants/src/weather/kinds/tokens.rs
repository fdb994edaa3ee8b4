//! Tokens that do not live long.

use std::time::Duration;

use crate::weather::kind::Effect::{Switch, Time};
use crate::weather::kind::{WeatherKind, row};

pub(super) const ROWS: &[WeatherKind] = &[
    row(
        "access-lifetime",
        "Access tokens expire soon.",
        Time("Lifetime, in whole seconds", Duration::from_secs(5), |setup, lifetime| {
            setup.access_lifetime = Some(lifetime.max(Duration::from_secs(1)));
        }),
    ),
    row(
        "refresh-rotation",
        "Refreshing returns a new refresh token, and the old one becomes invalid.",
        Switch(|setup| setup.sessions.is_rotating = true),
    ),
    row(
        "single-session",
        "A user has one session: logging in and refreshing end the older access tokens of the user.",
        Switch(|setup| setup.sessions.is_single = true),
    ),
];
