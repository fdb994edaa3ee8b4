//! The checks, as data.

use futures_util::future::BoxFuture;

use super::examination::Examination;
use super::finding::Finding;
use super::{
    clock, direct_rooms, gateway, handshake, identity, login, reachability, rest, round_trip,
    throttles, tls,
};

/// One thing to check about a target.
pub(super) struct Check {
    /// Stable id.
    pub(super) id: &'static str,
    /// Title for people.
    pub(super) title: &'static str,
    /// Id of the check without which this one cannot be performed.
    pub(super) needs: Option<&'static str>,
    /// Performs it.
    pub(super) perform: for<'a> fn(&'a mut Examination) -> BoxFuture<'a, Finding>,
}

/// All checks, each after those that it needs.
pub(super) const CHECKS: [Check; 11] = [
    Check {
        id: "reachability",
        title: "Reachability",
        needs: None,
        perform: |examination| Box::pin(reachability::check(examination)),
    },
    Check {
        id: "tls",
        title: "TLS",
        needs: Some("reachability"),
        perform: |examination| Box::pin(tls::check(examination)),
    },
    Check {
        id: "gateway",
        title: "Gateway",
        needs: Some("tls"),
        perform: |examination| Box::pin(gateway::check(examination)),
    },
    Check {
        id: "rest",
        title: "REST",
        needs: Some("gateway"),
        perform: |examination| Box::pin(rest::check(examination)),
    },
    Check {
        id: "clock",
        title: "Clock",
        needs: Some("gateway"),
        perform: |examination| Box::pin(clock::check(examination)),
    },
    Check {
        id: "login",
        title: "Login",
        needs: Some("rest"),
        perform: |examination| Box::pin(login::check(examination)),
    },
    Check {
        id: "identity",
        title: "Identity",
        needs: Some("login"),
        perform: |examination| Box::pin(identity::check(examination)),
    },
    Check {
        id: "handshake",
        title: "Handshake",
        needs: Some("login"),
        perform: |examination| Box::pin(handshake::check(examination)),
    },
    Check {
        id: "round-trip",
        title: "Round trip",
        needs: Some("login"),
        perform: |examination| Box::pin(round_trip::check(examination)),
    },
    Check {
        id: "direct-rooms",
        title: "Direct rooms",
        needs: Some("identity"),
        perform: |examination| Box::pin(direct_rooms::check(examination)),
    },
    Check {
        id: "throttles",
        title: "Throttles",
        needs: Some("reachability"),
        perform: |examination| Box::pin(throttles::check(examination)),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_check_follows_those_that_it_needs() {
        for (position, check) in CHECKS.iter().enumerate() {
            let Some(needed) = check.needs else { continue };
            assert!(CHECKS[..position].iter().any(|it| it.id == needed), "{}", check.id);
        }
    }
}
