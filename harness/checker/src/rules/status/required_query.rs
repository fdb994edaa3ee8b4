//! A list of messages without its required `room`, or with one that is not a UUID, is rejected.
//!
//! The specification marks `room` as required for messages, but not for participants
//! (participants-without-room). 404 is accepted as well as 400: to a server that looks the room up,
//! there is none. 3xx and 5xx are undecided because other requirements report them.

use hearback_contract::{Operation, RequirementId};

use super::responses::responses;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::violated_by;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::StatusRequiredQuery, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, operation, status) in responses(input).filter(|(call, _, _)| call.is_authorized()) {
        if operation != Operation::MessagesList {
            continue;
        }
        let defect = match call.query("room") {
            None => "without `room`",
            Some(room) if !looks_like_uuid(room) => "with a `room` that is not a UUID",
            Some(_) => continue,
        };
        if let Some(violated) = violated_by(status) {
            context.inconclusive(Reason::Violates(violated));
            continue;
        }
        context.check(matches!(status, 400 | 404), || {
            let variant = format!("{} {defect}", operation.id());
            Violation::new(variant, format!("400 or 404 {defect}"), status.to_string())
                .evidence(call)
        });
    }
}

fn looks_like_uuid(text: &str) -> bool {
    let digits = text.bytes().filter(|byte| *byte != b'-');
    digits.clone().count() == 32 && digits.clone().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{assert_detects, verdict_of};
    use crate::verdict::State;

    #[test]
    fn a_list_of_no_room_is_a_violation() {
        assert_detects(
            "status/required-query",
            "alice messages.list ?room=not-a-uuid => 200 @page_of_messages",
            "alice messages.list => 400 @error",
        );
    }

    #[test]
    fn participants_without_a_room_are_open() {
        let verdict = verdict_of("status/required-query", "alice participants.list => 200 []");
        assert_eq!(verdict.state, State::NotExercised);
    }

    #[test]
    fn a_call_of_unknown_outcome_shows_nothing() {
        let verdict = verdict_of("status/required-query", "alice rooms.get $r1 => ?");
        assert_eq!(verdict.state, State::NotExercised);
    }
}
