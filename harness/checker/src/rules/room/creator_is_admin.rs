//! Checks that the creator of a room is a participant and an admin in the response to the creation.
//! Creations that a change of membership overlaps are skipped.

use hearback_contract::RequirementId;

use super::new_rooms::{NewRoom, rooms_with_participants};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::{RuleContext, Violation};

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomCreatorIsAdmin, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for NewRoom { room, creator, participants } in rooms_with_participants(input, context) {
        let own = participants.iter().find(|(user, _)| *user == creator);
        context.check(own.is_some_and(|(_, is_admin)| *is_admin), || {
            let (variant, actual) = match own {
                Some(_) => ("is_admin", "the creator is a participant with `is_admin` false"),
                None => ("participants", "the creator is not a participant"),
            };
            Violation::new(
                format!("rooms.create: {variant}"),
                format!("the creator, {} (user {creator}), is an admin", room.creator),
                actual,
            )
            .evidence(room.creation)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::room::new_rooms::testing::created;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, Undecided};

    const BOTH: &str = r#"[@participant {"user": {"id": 1}}, @participant {"user": {"id": 2}, "is_admin": false}]"#;

    #[test]
    fn creators_are_admins() {
        let with = |participants: &str| created(&format!(r#""participants": {participants}"#));
        let both = with(BOTH);
        let absent = with(r#"[@participant {"user": {"id": 2}, "is_admin": false}]"#);
        let reversed = with(
            r#"[@participant {"user": {"id": 1}, "is_admin": false}, @participant {"user": {"id": 2}}]"#,
        );
        assert_states(&[
            ("room/creator-is-admin", Held, &both),
            ("room/creator-is-admin", Broken, &reversed),
            ("room/creator-is-admin", Broken, &absent),
            ("room/creator-is-admin", Undecided, &with("[5]")),
        ]);
    }
}
