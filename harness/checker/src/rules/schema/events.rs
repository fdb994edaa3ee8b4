//! Events conform to the schema of their type; one requirement for each type.
//!
//! Frames of unknown types and frames that are not JSON belong to schema/event-type, and date-times
//! to schema/date-time.

use hearback_contract::schemas;
use hearback_contract::{RequirementId, ServerEvent};

use super::conformance::{check_schema, violations};
use crate::per_body::PerBody;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

/// One rule for each type of event.
macro_rules! rules {
    ($($requirement:ident => $event:ident),* $(,)?) => {
        &[$(Rule {
            requirement: RequirementId::$requirement,
            check: |input, context| check(input, context, ServerEvent::$event),
        }),*]
    };
}

pub(in crate::rules) static RULES: &[Rule] = rules! {
    SchemaSocketConnectionEstablished => ConnectionEstablished,
    SchemaSocketChatMessage => ChatMessage,
    SchemaSocketTyping => Typing,
    SchemaSocketReadReceipt => ReadReceipt,
    SchemaSocketRoomMarkedRead => RoomMarkedRead,
    SchemaSocketError => Error,
};

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>, event: ServerEvent) {
    let schema = schemas::server_event(event);
    let mut fits = PerBody::of(input.history);
    for connection in &input.history.connections {
        for (frame, value) in connection.received(event) {
            if fits.get(&frame.body, || violations(schema, value).is_empty()) {
                context.held();
            } else {
                check_schema(context, schema, value, (connection, frame).into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::verdict_of;
    use crate::verdict::State;

    #[test]
    fn an_event_without_a_member_breaks_its_own_requirement() {
        assert_eq!(RULES.len(), ServerEvent::ALL.len());
        for (event, name, member) in [
            ("connection_established", "connection_established", "username"),
            ("chat_message", "chat_message", "message"),
            ("typing", "typing", "is_typing"),
            ("read_receipt", "read_receipt", "read_at"),
            ("room_marked_read", "room_marked_read", "room_id"),
            ("error", "error_event", "message"),
        ] {
            let requirement = format!("schema/socket.{event}");
            let history =
                |overrides: &str| format!("bob@r1 mute-open\nbob@r1 <- @{name} {overrides}");
            assert_eq!(verdict_of(&requirement, &history("{}")).state, State::Held);
            let broken = history(&format!("{{\"{member}\": \"$absent\"}}"));
            assert_eq!(verdict_of(&requirement, &broken).state, State::Broken, "{broken}");
        }
    }
}
