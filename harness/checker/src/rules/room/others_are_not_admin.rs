//! Checks that no participant except the creator is an admin in the response to the creation.
//! Creations that a change of membership overlaps are skipped.

use hearback_contract::RequirementId;

use super::new_rooms::{NewRoom, rooms_with_participants};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomOthersAreNotAdmin, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for NewRoom { room, creator, participants } in rooms_with_participants(input, context) {
        for (user, is_admin) in participants.iter().filter(|(user, _)| *user != creator) {
            context.check(!is_admin, || {
                Violation::new(
                    "rooms.create: is_admin",
                    "no participant except the creator is an admin",
                    format!("user {user} has `is_admin` true"),
                )
                .evidence(room.creation)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use hearback_testkit::lines::new_room::{BOTH, REVERSED, with_participants};

    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held};

    #[test]
    fn other_participants_are_not_admins() {
        assert_states(&[
            ("room/others-are-not-admin", Held, &with_participants(BOTH)),
            ("room/others-are-not-admin", Broken, &with_participants(REVERSED)),
        ]);
    }
}
