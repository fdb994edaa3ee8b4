//! Checks that a target that has one direct room for two users also creates only one if both ask for it at the
//! same time, or one of them twice. Two rooms that were created at the same time are a violation if a later
//! request for the same users returns one of them, or is rejected because the room exists
//! (second-direct-room); a target that creates another room each time may create two at once.

use std::collections::BTreeSet;

use ahash::AHashMap;
use hearback_contract::{RequirementId, UserId};
use hearback_history::{Call, Interval, Nanoseconds};

use super::creations::{Creation, creations};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::refusal;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomDirectCreatedOnce, check };

/// Time between two requests of users who act at the same time, if a fast target responds to the first one before
/// the second is sent.
const AT_ONCE: Nanoseconds = Nanoseconds::from_millis(5);

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut pairs: AHashMap<[UserId; 2], Vec<&'h Call>> = AHashMap::new();
    for creation in creations(input.history).filter(|it| it.room_type() == Some("direct")) {
        let is_answered = creation.call.succeeded() || creation.call.refused();
        if let Some(pair) = pair(&creation).filter(|_| is_answered && !creation.returns_existing) {
            pairs.entry(pair).or_default().push(creation.call);
        }
    }
    for calls in pairs.values() {
        for (index, one) in calls.iter().enumerate() {
            let later = calls[index + 1..].iter();
            for other in later.filter(|other| is_at_once(one.interval(), other.interval())) {
                check_two(calls, one, other, context);
            }
        }
    }
}

/// Returns whether the second request was sent before or right after the response to the first.
fn is_at_once(first: Interval, second: Interval) -> bool {
    second.invoked <= first.returned.saturating_add(AT_ONCE)
}

/// Checks two creations at the same time.
fn check_two<'h>(
    calls: &[&'h Call],
    one: &'h Call,
    other: &'h Call,
    context: &mut RuleContext<'h>,
) {
    let id = |call: &'h Call| call.success()?.get("id")?.as_str();
    let (Some(first), Some(second)) = (id(one), id(other)) else {
        // The one that was rejected came second.
        return context.held();
    };
    if first == second {
        return context.held();
    }
    // Another request may be rejected for another reason.
    let is_repeated =
        |call: &Call| [one, other].iter().any(|earlier| earlier.request == call.request);
    let later = calls.iter().find(|call| {
        one.interval().precedes(call.interval())
            && other.interval().precedes(call.interval())
            && (call.succeeded() || is_repeated(call))
    });
    let Some(later) = later else { return context.inconclusive(Reason::NothingFollowed) };
    let is_one_per_pair = match id(later) {
        Some(third) => third == first || third == second,
        None => matches!(later.status(), Some(400 | 409)),
    };
    context.check(!is_one_per_pair, || {
        let actual = match id(later) {
            Some(_) => {
                "two were created at once, and a later request returns one of them".to_owned()
            }
            None => format!("two were created at once, and a later request is {}", refusal(later)),
        };
        Violation::new("rooms.create at the same time", "one direct room for two users", actual)
            .evidence(one)
            .evidence(other)
            .evidence(*later)
    });
}

/// The two users of a direct room.
fn pair(creation: &Creation<'_>) -> Option<[UserId; 2]> {
    let users: BTreeSet<UserId> = creation.others()?.into_iter().chain(creation.creator).collect();
    users.into_iter().collect::<Vec<_>>().try_into().ok()
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn one_room_is_created_for_two_users() {
        const RULE: &str = "room/direct-created-once";
        let create = |at: &str, who: &str, with: u8, answer: &str| {
            format!(
                r#"[{at}] {who} rooms.create {{"room_type": "direct", "participant_ids": [{with}]}} => {answer}"#
            )
        };
        let room = |name: &str| format!(r#"201 @room {{"id": "${name}", "room_type": "direct"}}"#);
        let history = |second: &str, third: &str| {
            let lines = [
                create("10..20", "alice", 2, &room("r1")),
                create("12..22", "bob", 1, second),
                create("40..41", "alice", 2, third),
            ];
            lines.join("\n")
        };
        let (one, two, three) = (room("r1"), room("r2"), room("r3"));
        assert_states(&[
            (RULE, Held, &history(&one, &one)),
            (RULE, Held, &history("400 @error", "400 @error")),
            (RULE, Held, &history(&two, &three)),
            (RULE, Broken, &history(&two, &one)),
            (RULE, Broken, &history(&two, "400 @error")),
            (RULE, Undecided, &history(&two, "?")),
            // The third one is rejected since its name is invalid.
            (
                RULE,
                Undecided,
                &history(&two, "400 @error").replace(
                    r#"[40..41] alice rooms.create {"room_type""#,
                    r#"[40..41] alice rooms.create {"name": 1, "room_type""#,
                ),
            ),
            (RULE, Broken, &history(&two, &one).replace("12..22", "22..23")),
            (RULE, NotExercised, &history(&two, &one).replace("12..22", "32..33")),
        ]);
    }
}
