//! Checks that `participants.mute` does not adopt fields other than the mute. Either the request is
//! rejected, or neither the response nor a later read of the scenario has the requested values.
//! Values that the participant has anyway are skipped, and so are later reads if the user may have
//! left and come back.

use hearback_contract::{Operation, RequirementId, UserId};
use serde_json::Value;

use super::later_views::views;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::mass_assignment;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::ParticipantMuteIgnoresOtherFields, check };

const OF_MUTE: [&str; 7] =
    ["id", "user", "is_admin", "joined_at", "left_at", "last_read_at", "unread_count"];

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::ParticipantsMute).filter(|it| it.is_authorized())
    {
        let subject = call.participant_in_path().and_then(|id| input.model.participant(id));
        let Some((room, user)) = subject else { continue };
        let requested = |name| call.request.as_ref().and_then(|body| body.get(name));
        let is_admin = input.model.is_admin(room, user, call.interval());
        let shows = |name: &&str| match *name {
            "is_admin" => requested("is_admin")
                .and_then(Value::as_bool)
                .zip(is_admin)
                .is_some_and(|(a, b)| a != b),
            "user" => {
                let wanted = requested("user").and_then(|it| {
                    UserId::from_json(it).or_else(|| it.get("id").and_then(UserId::from_json))
                });
                wanted != Some(user)
            }
            _ => true,
        };
        let fields: Vec<_> = OF_MUTE.into_iter().filter(shows).collect();
        // A user who left and came back may have become an admin in another way.
        let is_continuous =
            room.members.get(&user).is_some_and(|memberships| memberships.len() == 1)
                && room.surely_member(user, call.interval());
        let later = || {
            if is_continuous { views(input, room.id.borrowed(), user, call) } else { Vec::new() }
        };
        mass_assignment::check(call, &fields, later, context);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::participant::roster::testing::{CREATED, get};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn other_fields_are_not_adopted() {
        let mute = |field: &str, answer: &str| {
            format!(
                r#"{CREATED}
                bob participants.mute 2 {{"muted": true, {field}}} => {answer}"#
            )
        };
        let (_adding, muting) =
            ("participant/add-ignores-other-fields", "participant/mute-ignores-other-fields");
        assert_states(&[
            (muting, Held, &mute(r#""is_admin": true"#, r#"200 @participant {"is_admin": false}"#)),
            (
                muting,
                Broken,
                &mute(r#""is_admin": true"#, r#"200 @participant {"is_admin": true}"#),
            ),
            (
                muting,
                NotExercised,
                &mute(r#""is_admin": false"#, r#"200 @participant {"is_admin": false}"#),
            ),
        ]);
    }

    #[test]
    fn later_reads_show_adopted_fields() {
        let muting = "participant/mute-ignores-other-fields";
        let history = |is_admin: bool| {
            format!(
                r#"{CREATED}
                bob participants.mute 2 {{"muted": true, "is_admin": true}} => 200 {{}}
                {}"#,
                get("[300..301]", &[(1, true), (2, is_admin)])
            )
        };
        assert_states(&[(muting, Broken, &history(true)), (muting, Held, &history(false))]);
    }
}
