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
pub(super) struct Endings {
    /// Connections on which the client sent what a server may close a connection for.
    guilty: AHashSet<ConnectionId>,
    /// Successful logins.
    logins: Vec<(UserId, Interval)>,
    /// The connections that the target ended.
    all: Vec<Ended>,
}

/// A connection that the target ended.
struct Ended {
    user: UserId,
    at: Nanoseconds,
    /// True if its user had just opened or closed another socket, or logged in.
    is_provoked: bool,
}

impl Endings {
    pub(super) fn of(input: RuleInput<'_>) -> Self {
        let invalid = input.model.invalid_frames.iter().map(|invalid| invalid.connection.id);
        let probed = input.model.sockets.all().filter(|it| !it.connection.probes.is_empty());
        let guilty = invalid.chain(probed.map(|it| it.connection.id)).collect();
        let logins = input.history.calls_of(Operation::TokenObtain).filter_map(|call| {
            let user = input.model.user_id(&call.invocation.actor)?;
            call.succeeded().then_some((user, call.interval()))
        });
        let logins: Vec<_> = logins.collect();
        let ended = input.model.sockets.all().filter_map(|listener| {
            let closing = listener.connection.closed.as_ref()?;
            (closing.by != CloseOrigin::Client).then(|| Ended {
                user: listener.user,
                at: closing.at,
                is_provoked: is_provoked(input, &logins, listener, closing),
            })
        });
        Self { guilty, all: ended.collect(), logins }
    }

    /// The close frame of the target that ended `listener` at about the time of `cause`, if nothing else explains it.
    pub(super) fn effect<'h>(
        &self,
        input: RuleInput<'h>,
        listener: &Listener<'h>,
        cause: Nanoseconds,
    ) -> Option<&'h Closing> {
        let closing = listener.connection.closed.as_ref()?;
        let latest = cause.saturating_add(Nanoseconds::new(input.history.timeout().get() / PART));
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
    /// so that it may have gone down.
    fn may_have_gone_down(
        &self,
        input: RuleInput<'_>,
        user: UserId,
        (from, until): (Nanoseconds, Nanoseconds),
    ) -> bool {
        let is_other = |it: &&Ended| it.user != user && (from..=until).contains(&it.at);
        let mut others = self.all.iter().filter(is_other).peekable();
        let outlasts = |it: &Listener<'_>| {
            it.user != user && it.established < from && it.received_newer_than(until)
        };
        others.peek().is_some()
            && (others.any(|other| !other.is_provoked) || !input.model.sockets.all().any(outlasts))
    }
}

/// Returns whether the user of a socket that the target ended had just opened or closed another one, or logged in.
fn is_provoked(
    input: RuleInput<'_>,
    logins: &[(UserId, Interval)],
    ended: &Listener<'_>,
    closing: &Closing,
) -> bool {
    let since = closing.at.saturating_sub(Nanoseconds::new(input.history.timeout().get() / PART));
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
    logged_in(input, logins, ended, closing) || input.model.sockets.all().any(is_cause)
}

/// Returns whether the user of a socket logged in shortly before its end. A login from before the handshake did not end
/// it.
fn logged_in(
    input: RuleInput<'_>,
    logins: &[(UserId, Interval)],
    ended: &Listener<'_>,
    closing: &Closing,
) -> bool {
    let since = closing.at.saturating_sub(Nanoseconds::new(input.history.timeout().get() / PART));
    let invoked = since.max(ended.connection.invoked);
    let meanwhile = Interval { invoked, returned: closing.at };
    logins.iter().any(|(user, login)| *user == ended.user && login.overlaps(meanwhile))
}

/// Returns whether the user of `listener` had just logged in when the target closed it, which device/login-keeps-sockets
/// reports.
pub(super) fn follows_login(
    input: RuleInput<'_>,
    endings: &Endings,
    listener: &Listener<'_>,
    closing: &Closing,
) -> bool {
    logged_in(input, &endings.logins, listener, closing)
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
    let waited = cause.saturating_add(Nanoseconds::new(input.history.timeout().get() / PART));
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
