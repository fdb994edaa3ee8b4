//! Checks that `last_message_at` in `rooms.stats` is the `created_at` of the newest message. A room
//! without messages may have null or a time of its own (empty-room-time). The rule abstains under the
//! conditions of `room/last-message`, and if the creation time is unknown.

use hearback_contract::{Operation, RequirementId};

use super::newest_message::{CreationTimes, check_time, reads};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, success, text_or_null};

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomStatsLastMessageAt, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let created = CreationTimes::of(input);
    for call in reads(input, Operation::RoomsStats) {
        let Some(room) = input.model.room_of(call) else { continue };
        let Some(body) = success(call, context) else { continue };
        let time = member(body, "last_message_at", text_or_null, context);
        if let Some(time) = time {
            check_time(input, &created, (room, call), "last_message_at", time, context);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::room::newest_message::testing::with;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const SENT: &str = r#"bob messages.send {"room": "$r1", "content": "hello world"} => 201 @message {"id": "$m1", "room": "$r1", "content": "hello world", "created_at": "2025-10-19T15:00:00Z"}"#;

    #[test]
    fn the_statistics_show_its_creation_time() {
        const RULE: &str = "room/stats-last-message-at";
        let stats = |between: &str, time: &str| {
            with(between, "rooms.stats $r1", &format!(r#""last_message_at": {time}"#))
        };
        assert_states(&[
            (RULE, Held, &stats(SENT, r#""2025-10-19T15:00:00Z""#)),
            (RULE, NotExercised, &stats("", "null")),
            (RULE, NotExercised, &stats("", r#""2025-10-19T10:00:00Z""#)),
            (RULE, Broken, &stats(SENT, r#""2025-10-19T10:00:00Z""#)),
            (RULE, Broken, &stats(SENT, "null")),
            (RULE, Undecided, &stats(&SENT.replace("=> 201", "=> 500"), "null")),
        ]);
    }
}
