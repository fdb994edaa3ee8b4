//! Handshakes, and what comes first.

use hearback_contract::ServerEvent;
use hearback_history::Handshake;
use hearback_history::{CloseOrigin, Connection, FrameDirection, Interval, synthetic_ids};
use serde_json::Value;

use super::{TOO_SHORT, username};
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::{member, quoted};

/// How a handshake ended.
enum Opening {
    /// With `connection_established`.
    Established,
    /// Refused, by a status or a close frame.
    Refused(String),
    /// Accepted, but nothing came for as long as one waits; or no answer came at all.
    Silent(&'static str),
    /// It cannot be told; why.
    Inconclusive(&'static str),
}

/// How the handshake ended, and when.
fn opening(input: RuleInput<'_>, connection: &Connection) -> (Opening, Interval) {
    let (opening, returned) = if let Some(established) = connection.established() {
        (Opening::Established, established.at)
    } else {
        match (&connection.handshake, &connection.closed) {
            (Handshake::Throttled { at, .. }, _) => (Opening::Inconclusive("throttled"), *at),
            (Handshake::Refused { at, status: Some(status), .. }, _) => {
                let opening = match status {
                    500.. => Opening::Inconclusive("answered 5xx: see status/no-server-error"),
                    _ => Opening::Refused(format!("answered {status}")),
                };
                (opening, *at)
            }
            (Handshake::Accepted { .. }, Some(closing)) if closing.by == CloseOrigin::Server => {
                let code = closing.code.map_or("without a code".to_owned(), |it| it.to_string());
                let opening = if closing.is_unavailability() {
                    Opening::Inconclusive("the server was not available")
                } else {
                    Opening::Refused(format!("accepted, then closed {code}"))
                };
                (opening, closing.at)
            }
            (Handshake::Accepted { at }, _) => {
                let until = connection.closed_at().min(input.history.last);
                let timeout = input.history.timeout();
                let is_silent = timeout > 0 && at + timeout <= until;
                let inconclusive = Opening::Inconclusive(TOO_SHORT);
                let silent = Opening::Silent("accepted, but no event came");
                (if is_silent { silent } else { inconclusive }, until)
            }
            (Handshake::Refused { at, .. }, _)
                if connection.is_unanswered(input.history.timeout()) =>
            {
                (Opening::Silent("the handshake was not answered"), *at)
            }
            _ => (Opening::Inconclusive("no connection"), input.history.last),
        }
    };
    (opening, Interval { invoked: connection.invoked, returned })
}

/// Handshakes with a valid token, with the user's id.
fn handshakes<'h>(input: RuleInput<'h>) -> impl Iterator<Item = (&'h Connection, i64)> {
    input
        .history
        .connections
        .iter()
        .filter(|connection| connection.credential.kind.is_valid())
        .filter_map(move |connection| Some((connection, input.model.user_id(&connection.actor)?)))
}

pub(super) fn opens<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (connection, user) in handshakes(input) {
        let Some(room) = input.model.rooms.get(&connection.room) else { continue };
        let (opening, interval) = opening(input, connection);
        if !room.surely_member(user, interval) || !room.surely_active(interval) {
            continue;
        }
        let mut broken = |variant: &str, actual: &str| {
            context.check(false, || {
                let expected =
                    format!("{}, a member, gets connection_established", connection.actor);
                Violation::new(variant, expected, actual)
                    .evidence(room.creation)
                    .evidence(connection)
            });
        };
        match opening {
            Opening::Established => context.held(),
            Opening::Refused(how) => broken(&format!("handshake {how}"), &how),
            Opening::Silent(how) => broken("silence", how),
            Opening::Inconclusive(why) => context.inconclusive(why),
        }
    }
}

/// Takes a handshake into account that must not lead to an open socket.
fn expect_refusal<'h>(
    connection: &'h Connection,
    opening: Opening,
    expected: String,
    context: &mut RuleContext<'h>,
) {
    if let Opening::Inconclusive(why) = opening {
        return context.inconclusive(why);
    }
    context.check(!matches!(opening, Opening::Established), || {
        Violation::new("handshake", expected, "connection_established came").evidence(connection)
    });
}

pub(super) fn outsider_refused<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (connection, user) in handshakes(input) {
        let Some(room) = input.model.rooms.get(&connection.room) else { continue };
        let (opening, interval) = opening(input, connection);
        if room.creation.interval().precedes(interval) && room.surely_outside(user, interval) {
            let expected = format!("{}, who is not in the room, gets no socket", connection.actor);
            expect_refusal(connection, opening, expected, context);
        }
    }
}

pub(super) fn unknown_room_refused<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (connection, _) in handshakes(input) {
        if synthetic_ids::is_uuid(&connection.room) {
            let (opening, _) = opening(input, connection);
            let expected = "there is no socket to a room that does not exist".to_owned();
            expect_refusal(connection, opening, expected, context);
        }
    }
}

pub(super) fn established_first<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for listener in input.model.sockets.all() {
        if !input.model.rooms.contains_key(&listener.connection.room) {
            continue;
        }
        let connection = listener.connection;
        let mut frames = connection.frames.iter();
        let first = frames.find(|frame| frame.direction == FrameDirection::Received);
        let Some(first) = first else { continue };
        let is_established = first.received(ServerEvent::ConnectionEstablished).is_some();
        context.check(is_established, || {
            let kind = first.kind().unwrap_or("something without a type");
            Violation::new(
                "first event",
                "connection_established comes first",
                format!("{kind} came first"),
            )
            .evidence(connection)
            .evidence((connection, first))
        });
        let again = listener.received(ServerEvent::ConnectionEstablished).nth(1);
        context.check(again.is_none(), || {
            let violation = Violation::new(
                "connection_established again",
                "connection_established comes once",
                "it came again",
            );
            let violation = violation.evidence(connection);
            again.into_iter().fold(violation, |it, (frame, _)| it.evidence((connection, frame)))
        });
    }
}

pub(super) fn established_right<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for listener in input.model.sockets.all() {
        let connection = listener.connection;
        if !input.model.rooms.contains_key(&connection.room) {
            continue;
        }
        for (frame, event) in listener.received(ServerEvent::ConnectionEstablished) {
            let violation = |field: &str, expected: String, actual: String| {
                Violation::new(
                    format!("connection_established {field}"),
                    format!("{field} is {expected}"),
                    format!("{field} is {actual}"),
                )
                .evidence(connection)
                .evidence((connection, frame))
            };
            if let Some(room) = member(event, "room_id", Value::as_str, context) {
                let is_right = room.eq_ignore_ascii_case(&connection.room);
                let wrong = || violation("room_id", connection.room.clone(), room.to_owned());
                context.check(is_right, wrong);
            }
            if let Some(user) = member(event, "user_id", Value::as_i64, context) {
                let wrong = || violation("user_id", listener.user.to_string(), user.to_string());
                context.check(user == listener.user, wrong);
            }
            let shown = member(event, "username", Value::as_str, context);
            if let Some((shown, name)) = shown.zip(username(&connection.actor)) {
                context.check(shown == name, || violation("username", quoted(name), quoted(shown)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hearback_history::History;
    use hearback_testkit::dsl;

    use super::*;
    use crate::model::Model;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{self, Broken, Held, NotExercised, Undecided};

    /// The test target is waited for 50 ms.
    fn in_room(lines: &str) -> String {
        format!(
            r#"
            alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
            {lines}
            [200..201] alice rooms.list => 200 {{}}
            "#
        )
    }

    #[test]
    fn members_get_in() {
        let rule = "socket/opens";
        assert_states(&[
            (rule, Held, &in_room("bob@r1 open")),
            (rule, Broken, &in_room("bob@r1 refused 403")),
            (rule, Broken, &in_room("bob@r1 mute-open\nbob@r1 close 4003")),
            (rule, Broken, &in_room("bob@r1 mute-open")),
            (rule, Undecided, &in_room("bob@r1 mute-open\nbob@r1 close")),
            (rule, Undecided, &in_room("bob@r1 refused 503")),
            (rule, Undecided, &in_room("bob@r1 refused")),
            (rule, Undecided, &in_room("bob@r1 throttled 403")),
            (rule, NotExercised, &in_room("carol@r1 refused 403")),
            (rule, NotExercised, &in_room("bob[garbage]@r1 refused 401")),
            (
                rule,
                NotExercised,
                &in_room("[10..90] bob rooms.leave $r1 => 200 {}\n[20..21] bob@r1 refused 403"),
            ),
        ]);
    }

    #[test]
    fn others_do_not() {
        let rule = "socket/outsider-refused";
        let left = "bob rooms.leave $r1 => 200 {}";
        assert_states(&[
            (rule, Held, &in_room("carol@r1 refused 404")),
            (rule, Held, &in_room("carol@r1 mute-open\ncarol@r1 close 4003")),
            (rule, Broken, &in_room("carol@r1 open")),
            (rule, Broken, &in_room(&format!("{left}\nbob@r1 open"))),
            (rule, NotExercised, &in_room(&format!("bob@r1 open\n{left}"))),
            (
                rule,
                NotExercised,
                &in_room("[10..90] bob rooms.leave $r1 => ?\n[95..96] bob@r1 open"),
            ),
        ]);
    }

    #[test]
    fn rooms_that_do_not_exist_have_no_socket() {
        // The notation names rooms; only a made-up id is known to be nobody's.
        for (line, expected) in
            [("bob@r9 refused 404", Held), ("bob@r9 open", Broken), ("bob@r1 open", NotExercised)]
        {
            let mut history = dsl::parse(&in_room(line)).unwrap();
            let connection = &mut history.connections[0];
            if connection.room != dsl::id("r1") {
                connection.room = synthetic_ids::uuid(1);
            }
            assert_eq!(state_of(unknown_room_refused, &history), expected, "{line}");
        }
    }

    fn state_of(
        examine: for<'h> fn(RuleInput<'h>, &mut RuleContext<'h>),
        history: &History,
    ) -> State {
        let model = Model::of(history);
        let mut context = RuleContext::default();
        examine(RuleInput { history, model: &model }, &mut context);
        let requirement = "socket/unknown-room-refused".parse().unwrap();
        context.verdict(requirement, history).state
    }

    #[test]
    fn established_comes_first_and_once_and_is_right() {
        let event = |fields: &str| {
            in_room(&format!(
                r#"bob@r1 mute-open
                bob@r1 <- @connection_established {{"room_id": "$r1", "user_id": 2, "username": "bob"{fields}}}"#
            ))
        };
        let first = "socket/established-first";
        let right = "socket/established-right";
        assert_states(&[
            (first, Held, &in_room("bob@r1 open\nbob@r1 <- @typing")),
            (first, Broken, &in_room("bob@r1 open\nbob@r1 <- @connection_established")),
            (
                first,
                Broken,
                &in_room("bob@r1 mute-open\nbob@r1 <- @typing\nbob@r1 <- @connection_established"),
            ),
            (right, Held, &event("")),
            (right, Broken, &event(r#", "room_id": "$r2""#)),
            (right, Broken, &event(r#", "user_id": 1"#)),
            (right, Broken, &event(r#", "username": "alice""#)),
        ]);
    }
}
