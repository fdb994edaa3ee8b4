//! Sockets that the target closed when something happened on another socket of the same user.

use ahash::{AHashMap, AHashSet};
use hearback_contract::{Operation, UserId};
use hearback_history::{CloseOrigin, Closing, ConnectionId, Interval, Nanoseconds, ScenarioName};

use crate::model::Listener;
use crate::rule::RuleInput;
use crate::violation::Violation;

/// The part of the timeout within which an end is taken for an effect.
const PART: u64 = 10;

/// The endings of a run.
pub(super) struct Endings<'h> {
    /// Connections on which the client sent what a server may close a connection for.
    guilty: AHashSet<ConnectionId>,
    /// Successful logins.
    logins: Vec<(UserId, Interval)>,
    /// The sockets that the target ended, with their ends.
    ended: Vec<(&'h Listener<'h>, &'h Closing)>,
}

impl<'h> Endings<'h> {
    pub(super) fn of(input: RuleInput<'h>) -> Self {
        let invalid = input.model.invalid_frames.iter().map(|invalid| invalid.connection.id);
        let probed = input.model.sockets.all().filter(|it| !it.connection.probes.is_empty());
        let guilty = invalid.chain(probed.map(|it| it.connection.id)).collect();
        let logins = input.history.calls_of(Operation::TokenObtain).filter_map(|call| {
            let user = input.model.user_id(&call.invocation.actor)?;
            call.succeeded().then_some((user, call.interval()))
        });
        let ended = input.model.sockets.all().filter_map(|listener| {
            let closing = listener.connection.closed.as_ref()?;
            (closing.by != CloseOrigin::Client).then_some((listener, closing))
        });
        Self { guilty, logins: logins.collect(), ended: ended.collect() }
    }

    /// The close frame of the target that ended `listener` at about the time of `cause`, if nothing else explains it.
    pub(super) fn effect(
        &self,
        input: RuleInput<'h>,
        listener: &Listener<'h>,
        cause: Nanoseconds,
    ) -> Option<&'h Closing> {
        let closing = listener.connection.closed.as_ref()?;
        let latest = cause.saturating_add(soon(input));
        let is_effect = closing.by == CloseOrigin::Server
            && !closing.is_unavailability()
            && !listener.connection.may_have_expired(closing.at)
            && (cause..=latest).contains(&closing.at)
            && !self.guilty.contains(&listener.connection.id);
        let room = input.model.rooms.get(&listener.connection.room)?;
        let meanwhile = Interval { invoked: cause, returned: closing.at };
        let is_entitled = is_effect
            && listener.is_entitled(room, meanwhile)
            && room.surely_active(meanwhile)
            && !self.may_have_gone_down(input, listener.user, (cause, latest));
        is_entitled.then_some(closing)
    }

    /// Returns whether the target also ended sockets of other users, for no reason of their own or without sparing any,
    /// so that it may have gone down. A socket was spared if it received what was sent after the last of these ends.
    fn may_have_gone_down(
        &self,
        input: RuleInput<'_>,
        user: UserId,
        (from, until): (Nanoseconds, Nanoseconds),
    ) -> bool {
        let others = self.ended.iter().filter(|(listener, closing)| {
            listener.user != user && (from..=until).contains(&closing.at)
        });
        let others: Vec<_> = others.collect();
        let Some(last) = others.iter().map(|(_, closing)| closing.at).max() else { return false };
        let is_spared = |it: &Listener<'_>| {
            let is_ended = others.iter().any(|(ended, _)| ended.connection.id == it.connection.id);
            it.user != user && it.established < from && !is_ended && it.received_newer_than(last)
        };
        others.iter().any(|(ended, closing)| !self.is_provoked(input, ended, closing))
            || !input.model.sockets.all().any(is_spared)
    }

    /// Returns whether the user of a socket that the target ended had just opened or closed another one, or logged in.
    fn is_provoked(&self, input: RuleInput<'_>, ended: &Listener<'_>, closing: &Closing) -> bool {
        let since = closing.at.saturating_sub(soon(input));
        let meanwhile = Interval { invoked: since, returned: closing.at };
        let is_cause = |other: &Listener<'_>| {
            let connection = other.connection;
            let opening = Interval { invoked: connection.invoked, returned: other.established };
            let closed = connection.closed.as_ref().filter(|it| it.by == CloseOrigin::Client);
            other.user == ended.user
                && connection.id != ended.connection.id
                && (opening.overlaps(meanwhile)
                    || closed.is_some_and(|it| (since..=closing.at).contains(&it.at)))
        };
        self.follows_login(input, ended, closing) || input.model.sockets.all().any(is_cause)
    }

    /// Returns whether the user of a socket had just logged in when the target closed it, which
    /// device/login-keeps-sockets reports. A login from before the handshake did not end it.
    pub(super) fn follows_login(
        &self,
        input: RuleInput<'_>,
        listener: &Listener<'_>,
        closing: &Closing,
    ) -> bool {
        let since = closing.at.saturating_sub(soon(input)).max(listener.connection.invoked);
        let meanwhile = Interval { invoked: since, returned: closing.at };
        let mut logins = self.logins.iter();
        logins.any(|(user, login)| *user == listener.user && login.overlaps(meanwhile))
    }
}

/// The time within which an end is taken for an effect.
fn soon(input: RuleInput<'_>) -> Nanoseconds {
    Nanoseconds::new(input.history.timeout().get() / PART)
}

/// The sockets of each user in each scenario, in the order of the handshakes, if there are several.
pub(super) fn of_one_user<'h>(input: RuleInput<'h>) -> Vec<Vec<&'h Listener<'h>>> {
    let mut sockets: AHashMap<(UserId, &ScenarioName), Vec<&Listener<'_>>> = AHashMap::new();
    for listener in input.model.sockets.all() {
        let key = (listener.user, &listener.connection.scenario);
        sockets.entry(key).or_default().push(listener);
    }
    let mut groups: Vec<_> = sockets.into_values().filter(|group| group.len() > 1).collect();
    groups.sort_by_key(|group| group[0].connection.seq);
    groups
}

/// The violation of a target that closed a socket of a user; `pair` is this socket and the other one, in their order.
pub(super) fn ended<'h>(
    variant: &str,
    kept: &Listener<'h>,
    closing: &Closing,
    pair: [&Listener<'h>; 2],
) -> Violation<'h> {
    let expected = format!("the other socket of {} stays open", kept.connection.actor);
    let violation = Violation::new(variant, expected, end(closing));
    pair.into_iter().fold(violation, |violation, it| violation.evidence(it.connection))
}

/// The end of a socket that the target closed, in words.
pub(super) fn end(closing: &Closing) -> String {
    match closing.code {
        Some(code) => format!("the target closed it with {code}"),
        None => "the target closed it without a code".to_owned(),
    }
}

/// Returns whether `listener` was still open some time after `cause`, or received something sent later.
pub(super) fn outlived(input: RuleInput<'_>, listener: &Listener<'_>, cause: Nanoseconds) -> bool {
    let waited = cause.saturating_add(soon(input));
    listener.received_newer_than(cause) || listener.until > waited
}

#[cfg(test)]
pub(super) mod testing {
    //! Histories of users with several sockets.

    pub(in super::super) fn sockets(lines: &[&str]) -> String {
        format!(
            r#"
            [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
            [3..3] bob@r1 open
            [4..4] alice@r1 open
            {}
            [200..201] alice rooms.list => 200 {{}}
            "#,
            lines.join("\n")
        )
    }
}
