//! Connections that the target ended or that broke.

use hearback_contract::{ClientEvent, schemas};
use hearback_history::{CloseOrigin, Closing, Nanoseconds};

use crate::model::Listener;
use crate::rule::RuleInput;

/// Returns the end of a connection, if the target ended it or it broke, and no probe of RFC 6455 may have caused it.
pub(super) fn ending<'h>(listener: &Listener<'h>) -> Option<&'h Closing> {
    let closing = listener.connection.closed.as_ref()?;
    let is_expiry = listener.connection.may_have_expired(closing.at);
    let is_probed = listener.connection.probes.iter().any(|probe| probe.at <= closing.at);
    let is_by_target = closing.by != CloseOrigin::Client && !closing.is_unavailability();
    (is_by_target && !is_expiry && !is_probed).then_some(closing)
}

/// Returns whether the client sent nothing but events that conform to their schemas: a target may take offense at what
/// others accept.
fn is_plain(listener: &Listener<'_>) -> bool {
    let connection = listener.connection;
    connection.probes.is_empty()
        && connection.sent().all(|frame| {
            let mut events = ClientEvent::ALL.into_iter().filter(|event| frame.sends(*event));
            let conforms = |value| events.any(|event| schemas::client_event(event).is_valid(value));
            frame.json().is_some_and(conforms)
        })
}

/// Endings of connections that nothing had disturbed, in order.
///
/// A target that ends such connections may have gone down, or ends connections for reasons of its own; so may the
/// network.
pub(super) struct UnprovokedEndings<'h>(Vec<&'h Closing>);

impl<'h> UnprovokedEndings<'h> {
    /// The endings of the connections that are innocent, and on which only documented events were sent.
    pub(super) fn of(input: RuleInput<'h>, is_innocent: impl Fn(&Listener<'h>) -> bool) -> Self {
        let innocent = input.model.sockets.all();
        let innocent = innocent.filter(|listener| is_innocent(listener) && is_plain(listener));
        let mut endings: Vec<_> = innocent.filter_map(ending).collect();
        endings.sort_unstable_by_key(|closing| closing.at);
        Self(endings)
    }

    /// Returns whether a connection may have ended for the same reason as these: at the same time, or alike.
    ///
    /// `since` is the time of what is suspected to have ended it.
    pub(super) fn may_include(
        &self,
        closing: &Closing,
        since: Nanoseconds,
        timeout: Nanoseconds,
    ) -> bool {
        let next = self.0.partition_point(|other| other.at < since);
        let is_simultaneous =
            self.0.get(next).is_some_and(|other| other.at <= closing.at + timeout);
        let is_alike = |other: &&Closing| (other.by, other.code) == (closing.by, closing.code);
        is_simultaneous || self.0.iter().any(is_alike)
    }
}

#[cfg(test)]
pub(super) mod testing {
    //! A room with a socket of alice's and one of bob's.

    pub(in super::super) fn sockets(lines: &[&str]) -> String {
        format!(
            r#"
            [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
            [5..5] alice@r1 open
            [6..6] bob@r1 open
            {}
            "#,
            lines.join("\n")
        )
    }
}
