//! Checks that `participants.add` does not adopt fields that only the server sets. Either the
//! request is rejected, or neither the response nor a later read of the scenario has the requested
//! values. `false` is skipped, because it is the default of every flag.

use hearback_contract::{Operation, RequirementId, UserId};
use serde_json::Value;

use super::later_views::views;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::mass_assignment;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::ParticipantAddIgnoresOtherFields, check };

const OF_ADD: [&str; 7] =
    ["id", "joined_at", "left_at", "last_read_at", "unread_count", "is_muted", "muted_until"];

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::ParticipantsAdd).filter(|it| it.is_authorized()) {
        let requested = |name| call.request.as_ref().and_then(|body| body.get(name));
        let user = requested("user").and_then(UserId::from_json);
        let (Some(room), Some(user)) = (input.model.room_of(call), user) else { continue };
        // False is the default of every flag.
        let fields = OF_ADD.into_iter().filter(|name| requested(name) != Some(&Value::Bool(false)));
        let later = || views(input, room.id.borrowed(), user, call);
        mass_assignment::check(call, &fields.collect::<Vec<_>>(), later, context);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::participant::roster::testing::CREATED;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn other_fields_are_not_adopted() {
        let add = |field: &str, answer: &str| {
            format!(
                r#"{CREATED}
                alice participants.add {{"room": "$r1", "user": 3, {field}}} => {answer}"#
            )
        };
        let (adding, _muting) =
            ("participant/add-ignores-other-fields", "participant/mute-ignores-other-fields");
        let joined = r#""joined_at": "2001-01-01T00:00:00Z""#;
        assert_states(&[
            (adding, Held, &add(joined, "201 @participant")),
            (adding, Broken, &add(joined, &format!("201 @participant {{{joined}}}"))),
            (adding, Held, &add(joined, "400 @error")),
            (adding, Undecided, &add(joined, "500 @error")),
            (adding, NotExercised, &add(r#""is_admin": true"#, "201 @participant")),
        ]);
    }
}
