//! Who cannot be added, and until when nobody can be muted.

use hearback_contract::Operation;
use jiff::{Timestamp, civil};
use serde_json::Value;

use super::{check_answer, is_by_admin};
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::rules::answer::quoted;
use crate::rules::room::beyond_all;

pub(super) fn add_unknown<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let beyond = beyond_all(input.history);
    for call in input.history.calls_of(Operation::ParticipantsAdd) {
        let user = call.request.as_ref().and_then(|body| body.get("user")?.as_i64());
        let (Some(room), Some(user)) = (input.model.room_of(call), user) else { continue };
        let is_direct = room.room_type == Some("direct");
        if user >= beyond && !is_direct && is_by_admin(input, room, call) {
            let expected = || format!("user {user}, who does not exist, is refused: 400 or 404");
            let is_right = |status| matches!(status, 400 | 404);
            check_answer(call, is_right, ("a user who does not exist", expected), context);
        }
    }
}

pub(super) fn third_in_direct<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::ParticipantsAdd) {
        let at = call.interval();
        let user = call.request.as_ref().and_then(|body| body.get("user")?.as_i64());
        let by = input.model.user_id(&call.invocation.actor);
        let (Some(room), Some(user), Some(by)) = (input.model.room_of(call), user, by) else {
            continue;
        };
        let mut stays = room.members.get(&user).into_iter().flatten();
        let is_third = stays.all(|stay| stay.joined.invoked == at.invoked);
        let may_write =
            call.is_authorized() && room.surely_member(by, at) && room.surely_active(at);
        if room.room_type == Some("direct") && is_third && may_write {
            let expected = || format!("user {user} is no third in a direct room: 4xx");
            let is_right = |status| (400..500).contains(&status);
            check_answer(call, is_right, ("a third in a direct room", expected), context);
        }
    }
}

pub(super) fn bad_muted_until<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::ParticipantsMute) {
        let request = |name| call.request.as_ref().and_then(|body| body.get(name));
        let until = request("muted_until").and_then(Value::as_str);
        let bad = until.filter(|text| is_no_time(text) && request("muted") == Some(&true.into()));
        let subject = call.subject().and_then(|id| input.model.participant(id));
        let (Some(until), Some((room, user))) = (bad, subject) else { continue };
        let is_own = input.model.user_id(&call.invocation.actor) == Some(user);
        let at = call.interval();
        let may_mute = is_own
            && call.is_authorized()
            && room.surely_member(user, at)
            && room.surely_active(at);
        if may_mute {
            let expected = || format!("{} is no date-time: 400", quoted(until));
            let variant = "a `muted_until` that is no date-time";
            check_answer(call, |status| status == 400, (variant, expected), context);
        }
    }
}

/// Whether no server has a reason to take a text for a time: not even one without a zone or a clock.
fn is_no_time(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty()
        && text.parse::<Timestamp>().is_err()
        && text.parse::<civil::DateTime>().is_err()
        && text.parse::<f64>().is_err()
}

#[cfg(test)]
mod tests {
    use hearback_history::synthetic_ids;

    use super::super::testing::MADE;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn who_does_not_exist_cannot_be_added() {
        let rule = "participant/add-unknown-refused";
        let add = |who: &str, user: i64, answer: &str| {
            format!(
                r#"{MADE}
                {who} participants.add {{"room": "$r1", "user": {user}}} => {answer}"#
            )
        };
        assert_states(&[
            (rule, Held, &add("alice", synthetic_ids::NUMBER, "400 @error")),
            (rule, Held, &add("alice", synthetic_ids::NUMBER, "404 @error")),
            (rule, Broken, &add("alice", synthetic_ids::NUMBER, "201 {}")),
            (rule, Broken, &add("alice", synthetic_ids::NUMBER, "403 @error")),
            (rule, Undecided, &add("alice", synthetic_ids::NUMBER, "500 @error")),
            (rule, NotExercised, &add("bob", synthetic_ids::NUMBER, "403 @error")),
            (rule, NotExercised, &add("alice", 77, "201 {}")),
        ]);
    }

    #[test]
    fn there_is_no_third_in_a_direct_room() {
        let rule = "participant/third-in-direct-refused";
        let add = |room_type: &str, user: u32, answer: &str| {
            format!(
                r#"alice rooms.create {{"room_type": "{room_type}", "participant_ids": [2]}} => 201 @room {{"id": "$r1", "created_by": {{"id": 1}}, "last_message": null}}
                alice participants.add {{"room": "$r1", "user": {user}}} => {answer}"#
            )
        };
        assert_states(&[
            (rule, Held, &add("direct", 3, "400 @error")),
            (rule, Held, &add("direct", 3, "403 @error")),
            (rule, Broken, &add("direct", 3, "201 {}")),
            (rule, NotExercised, &add("direct", 2, "200 {}")),
            (rule, NotExercised, &add("group", 3, "201 {}")),
        ]);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        let rule = "participant/bad-muted-until-refused";
        let mute = |until: &str, answer: &str| {
            format!(
                r#"{MADE}
                bob participants.mute 2 {{"muted": true, "muted_until": {until}}} => {answer}"#
            )
        };
        assert_states(&[
            (rule, Held, &mute(r#""tomorrow""#, "400 @error")),
            (rule, Broken, &mute(r#""tomorrow""#, "200 {}")),
            (rule, Broken, &mute(r#""2026-13-45T00:00:00Z""#, "200 {}")),
            (rule, NotExercised, &mute(r#""2036-01-01T00:00:00Z""#, "200 {}")),
            (rule, NotExercised, &mute(r#""2036-01-01""#, "200 {}")),
            (rule, NotExercised, &mute(r#""""#, "200 {}")),
            (rule, NotExercised, &mute("null", "200 {}")),
            (
                rule,
                NotExercised,
                &mute(r#""tomorrow""#, "200 {}").replace("bob part", "alice part"),
            ),
            (
                rule,
                NotExercised,
                &mute(r#""tomorrow""#, "200 {}")
                    .replace("true, \"muted_until", "false, \"muted_until"),
            ),
        ]);
    }
}
