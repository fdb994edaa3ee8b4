//! Checks that `connection_established` has the room of the socket and the id and username of its
//! user. The username is skipped for actors whose username is unknown.

use hearback_contract::{RequirementId, ServerEvent, UserId};
use serde_json::Value;

use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, quoted};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::SocketEstablishedRight, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
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
                let is_right = room.eq_ignore_ascii_case(connection.room.as_str());
                let wrong = || violation("room_id", connection.room.to_string(), room.to_owned());
                context.check(is_right, wrong);
            }
            if let Some(user) = member(event, "user_id", UserId::from_json, context) {
                let wrong = || violation("user_id", listener.user.to_string(), user.to_string());
                context.check(user == listener.user, wrong);
            }
            let shown = member(event, "username", Value::as_str, context);
            if let Some((shown, name)) = shown.zip(input.history.username(&connection.actor)) {
                context.check(shown == name, || violation("username", quoted(name), quoted(shown)));
            }
        }
    }
}

#[cfg(test)]
mod tests {

    use crate::rules::socket::handshakes::testing::in_room;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held};

    #[test]
    fn connection_established_is_first_unique_and_right() {
        let event = |fields: &str| {
            in_room(&format!(
                r#"bob@r1 mute-open
                bob@r1 <- @connection_established {{"room_id": "$r1", "user_id": 2, "username": "bob"{fields}}}"#
            ))
        };
        let right = "socket/established-right";
        assert_states(&[
            (right, Held, &event("")),
            (right, Broken, &event(r#", "room_id": "$r2""#)),
            (right, Broken, &event(r#", "user_id": 1"#)),
            (right, Broken, &event(r#", "username": "alice""#)),
        ]);
    }
}
