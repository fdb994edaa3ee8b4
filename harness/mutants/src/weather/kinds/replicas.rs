//! Reads from copies of the database.

use std::time::Duration;

use crate::weather::kind::Effect::Time;
use crate::weather::kind::{WeatherKind, row};
use crate::weather::replica::ReplicaSpec;

pub(super) const ROWS: &[WeatherKind] = &[
    row(
        "search-lag",
        "Searches read an index that is updated from time to time.",
        Time("Time between two updates", Duration::from_millis(500), |setup, period| {
            let path = "/api/chat/messages/search/";
            setup.replicas.insert(0, ReplicaSpec { path, period });
        }),
    ),
    row(
        "read-lag",
        "Reads use a copy of the database that is updated from time to time.",
        Time("Time between two updates", Duration::from_millis(200), |setup, period| {
            setup.replicas.push(ReplicaSpec { path: "/api/chat/", period });
        }),
    ),
];
