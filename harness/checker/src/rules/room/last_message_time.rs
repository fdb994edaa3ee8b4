//! Checks that `last_message_time` in `rooms.list` is the `created_at` of the newest message. A room
//! without messages may have null or a time of its own (empty-room-time). The rule abstains under the
//! conditions of `room/last-message`, and if the creation time is unknown.

use hearback_contract::RequirementId;

use super::newest_message::{CreationTimes, check_time, listed};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomLastMessageTime, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let created = CreationTimes::of(input);
    for (room, call, time) in listed(input, "last_message_time", context) {
        check_time(input, &created, (room, call), "last_message_time", time, context);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::room::newest_message::testing::with;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const SENT: &str = r#"bob messages.send {"room": "$r1", "content": "hello world"} => 201 @message {"id": "$m1", "room": "$r1", "content": "hello world", "created_at": "2025-10-19T15:00:00Z"}"#;

    #[test]
    fn the_list_shows_the_newest_message() {
        const TIME: &str = "room/last-message-time";
        let time = |between: &str, time: &str| {
            with(between, "rooms.list", &format!(r#""last_message_time": {time}"#))
        };
        assert_states(&[
            (TIME, Held, &time(SENT, r#""2025-10-19T17:00:00+02:00""#)),
            (TIME, NotExercised, &time("", "null")),
            (TIME, Broken, &time(SENT, "null")),
            (TIME, NotExercised, &time("", r#""2025-10-19T15:00:00Z""#)),
            (TIME, Broken, &time(SENT, r#""2025-10-19T15:00:01Z""#)),
            (TIME, Undecided, &time(SENT, r#""yesterday""#)),
        ]);
    }
}
