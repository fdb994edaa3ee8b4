//! Checks that the creator of a room is a participant and an admin in the response to the creation.
//! Creations that a change of membership overlaps are skipped.

use hearback_contract::RequirementId;

use super::new_rooms::{NewRoom, rooms_with_participants};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

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
    use hearback_testkit::lines::new_room::{BOTH, REVERSED, WITHOUT_CREATOR, with_participants};

    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, Undecided};

    #[test]
    fn creators_are_admins() {
        assert_states(&[
            ("room/creator-is-admin", Held, &with_participants(BOTH)),
            ("room/creator-is-admin", Broken, &with_participants(REVERSED)),
            ("room/creator-is-admin", Broken, &with_participants(WITHOUT_CREATOR)),
            ("room/creator-is-admin", Undecided, &with_participants("[5]")),
        ]);
    }
}
