//! Rooms that cannot be made.

use hearback_history::{Call, History};

use super::creation::{Creation, creations, known_users};
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::{refusal, shown};

const TYPES: [&str; 4] = ["direct", "group", "task", "property"];

/// From here on, and beyond twice the largest known id, a user id belongs to nobody.
const BEYOND_ALL: i64 = 1_000_000;

pub(super) fn direct_is_exactly_two<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let known = known_users(input.history);
    for creation in creations(input.history).filter(|it| it.room_type() == Some("direct")) {
        let Some(others) = creation.others().filter(|_| creation.asks_for_known(&known)) else {
            continue;
        };
        let (variant, asked) = match others.len() {
            0 => ("with nobody else", "nobody else".to_owned()),
            1 => continue,
            count => ("with more than two", format!("{count} others")),
        };
        check_refused(
            creation.call,
            context,
            variant,
            &format!("a direct room with {asked}"),
            |status| (400..500).contains(&status),
            "4xx",
        );
    }
}

pub(super) fn unknown_type<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let known = known_users(input.history);
    for creation in creations(input.history) {
        let asked = creation.request.get("room_type");
        // A server may be lenient towards case and white space.
        let meant = creation.room_type().map(|name| name.trim().to_lowercase());
        if meant.is_some_and(|meant| TYPES.contains(&meant.as_str())) {
            continue;
        }
        let all_known = creation.asks_for_known(&known);
        let (variant, what) = match asked {
            Some(value) => ("another `room_type`", format!("a room of type {}", shown(value))),
            None => ("no `room_type`", "a room without a type".to_owned()),
        };
        check_refused(
            creation.call,
            context,
            variant,
            &what,
            |status| status == 400 || status == 404 && !all_known,
            "400",
        );
    }
}

pub(super) fn unknown_participant<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let beyond = beyond_all(input.history);
    for creation in creations(input.history) {
        let Some(stranger) = stranger(&creation, beyond) else { continue };
        check_refused(
            creation.call,
            context,
            "a participant who does not exist",
            &format!("a room with user {stranger}, who does not exist,"),
            |status| matches!(status, 400 | 404),
            "400 or 404",
        );
    }
}

/// From here on a user id surely belongs to nobody.
pub(in crate::rules) fn beyond_all(history: &History) -> i64 {
    let largest = known_users(history).into_iter().max().unwrap_or_default();
    BEYOND_ALL.max(largest.saturating_mul(2))
}

fn stranger(creation: &Creation<'_>, beyond: i64) -> Option<i64> {
    creation.others()?.into_iter().next_back().filter(|user| *user >= beyond)
}

fn check_refused<'h>(
    call: &'h Call,
    context: &mut RuleContext<'h>,
    variant: &str,
    what: &str,
    is_right: impl FnOnce(u16) -> bool,
    right: &str,
) {
    let Some(status) = call.status() else { return };
    if status >= 500 {
        context.inconclusive("answered 5xx: see status/no-server-error");
        return;
    }
    context.check(is_right(status), || {
        Violation::new(
            format!("rooms.create: {variant}"),
            format!("{what} is refused with {right}"),
            refusal(call),
        )
        .evidence(call)
    });
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn bad_rooms_are_refused() {
        const DIRECT: &str = "room/direct-is-exactly-two";
        const TYPE: &str = "room/unknown-type-refused";
        const USER: &str = "room/unknown-participant-refused";
        let cases: &[(&str, _, &str, &str)] = &[
            (DIRECT, Held, r#"{"room_type": "direct", "participant_ids": []}"#, "400 @error"),
            (DIRECT, Held, r#"{"room_type": "direct"}"#, "403 @error"),
            (DIRECT, Broken, r#"{"room_type": "direct"}"#, "201 @room"),
            (DIRECT, Broken, r#"{"room_type": "direct", "participant_ids": [1]}"#, "201 @room"),
            (DIRECT, Broken, r#"{"room_type": "direct", "participant_ids": [2, 3]}"#, "201 @room"),
            (
                DIRECT,
                Undecided,
                r#"{"room_type": "direct", "participant_ids": [2, 3]}"#,
                "500 @error",
            ),
            // Naming oneself may be ignored, and so may naming somebody twice.
            (
                DIRECT,
                NotExercised,
                r#"{"room_type": "direct", "participant_ids": [1, 2]}"#,
                "201 @room",
            ),
            (
                DIRECT,
                NotExercised,
                r#"{"room_type": "direct", "participant_ids": [2, 2]}"#,
                "201 @room",
            ),
            (
                DIRECT,
                NotExercised,
                r#"{"room_type": "direct", "participant_ids": [2, 999]}"#,
                "201 @room",
            ),
            (TYPE, Held, r#"{"room_type": "club", "participant_ids": [2]}"#, "400 @error"),
            (TYPE, Held, r#"{"name": "x", "participant_ids": [2]}"#, "400 @error"),
            (TYPE, Broken, r#"{"name": "x", "participant_ids": [2]}"#, "201 @room"),
            (TYPE, Broken, r#"{"room_type": "club", "participant_ids": [2]}"#, "201 @room"),
            (TYPE, Broken, r#"{"room_type": null, "participant_ids": [2]}"#, "404 @error"),
            (TYPE, NotExercised, r#"{"room_type": "Group", "participant_ids": [2]}"#, "201 @room"),
            (TYPE, NotExercised, r#"{"room_type": "club", "participant_ids": [2]}"#, "401 @error"),
            (
                USER,
                Held,
                r#"{"room_type": "group", "participant_ids": [2, 999999999]}"#,
                "400 @error",
            ),
            (
                USER,
                Held,
                r#"{"room_type": "direct", "participant_ids": [999999999]}"#,
                "404 @error",
            ),
            (
                USER,
                Broken,
                r#"{"room_type": "group", "participant_ids": [2, 999999999]}"#,
                "201 @room",
            ),
            // Whether there is a user 99 at the target nobody knows.
            (USER, NotExercised, r#"{"room_type": "group", "participant_ids": [99]}"#, "201 @room"),
        ];
        for (requirement, state, request, response) in cases {
            let history = format!("alice rooms.create {request} => {response}");
            assert_states(&[(requirement, *state, &history)]);
        }
    }
}
