//! Checks that an admin can add users to a group, and that added users are participants afterwards.
//! The request must succeed if the creator, who is certainly an admin, adds a user who certainly
//! exists and was never a member. Complete lists and rooms after a successful request must show the
//! user until the membership may have ended. Users who were members before are skipped, because a
//! server may reject them (`readd-member`).

use ahash::AHashMap;
use hearback_contract::{Operation, RequirementId, RoomRef, UserId};
use hearback_history::Call;

use super::additions::{Addition, additions};
use super::responses::{check_status, is_by_admin};
use super::roster::rosters;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::room::known_users;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ParticipantAdd, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let known = known_users(input.history);
    let mut added: AHashMap<(RoomRef<'_>, UserId), Vec<&Call>> = AHashMap::new();
    for addition in additions(input) {
        let Addition { call, room, user, is_admin, is_plain } = addition;
        if call.succeeded() {
            added.entry((room.id.borrowed(), user)).or_default().push(call);
        }
        // A server may reject users who were members before (readd-member).
        let is_new = addition.is_apart(|joined, _| call.interval().precedes(joined));
        let is_ordinary = is_plain && is_admin.is_some() && known.contains(&user);
        let is_group = room.room_type == Some("group");
        if is_new && is_ordinary && is_group && is_by_admin(input, room, call) {
            let expected = || format!("an admin can add user {user} to the group: 201 or 200");
            let succeeds = |status| Operation::ParticipantsAdd.succeeds_with(status);
            check_status(call, succeeds, ("by an admin", expected), context);
        }
    }
    if added.is_empty() {
        return;
    }
    for roster in rosters(input, context).iter().filter(|roster| roster.is_complete) {
        for (user, memberships) in &roster.room.members {
            let Some(added) = added.get(&(roster.room.id.borrowed(), *user)) else { continue };
            let membership = memberships.iter().find(|membership| {
                membership.joined.precedes(roster.at)
                    && membership.left.is_none_or(|left| roster.at.precedes(left))
            });
            let call = membership.and_then(|membership| {
                added.iter().find(|call| call.interval() == membership.joined)
            });
            let Some(call) = call else { continue };
            context.check(roster.has(*user), || {
                Violation::new(
                    format!("{} after participants.add", roster.place()),
                    format!("user {user}, who was added, is a participant"),
                    format!(
                        "the participants are users {:?}",
                        roster.current.iter().map(|it| it.0).collect::<Vec<_>>()
                    ),
                )
                .evidence(*call)
                .evidence(roster.call)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::participant::additions::testing::added;
    use crate::rules::participant::roster::testing::{get, list};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn added_users_are_participants() {
        let rule = "participant/add";
        let ok = "201 {}";
        let (with, without) = (
            get("[30..31]", &[(1, true), (2, false), (3, false)]),
            get("[30..31]", &[(1, true), (2, false)]),
        );
        let leaving = "[25..40] carol rooms.leave $r1 => ?";
        let refused = added("", "403 @error", &[]);
        assert_states(&[
            (rule, Held, &added("", ok, &[])),
            (rule, Held, &added("", ok, &[&with])),
            (rule, Broken, &added("", ok, &[&without])),
            (rule, Broken, &added("", ok, &[&list("[30..31]", &[(1, true), (2, false)], "null")])),
            (rule, Held, &added("", ok, &[&list("[30..31]", &[(1, true)], "\"x\"")])),
            (rule, Held, &added("", ok, &[&without.replace("[30", "[15")])),
            (rule, Held, &added("", ok, &[&without, leaving])),
            (rule, Broken, &refused),
            (rule, Undecided, &added("", "500 @error", &[])),
            (rule, NotExercised, &refused.replace("alice participants", "bob participants")),
            (rule, NotExercised, &refused.replace("\"user\": 3", "\"user\": 2")),
            (rule, NotExercised, &refused.replace("\"user\": 3", "\"user\": 77")),
            (rule, NotExercised, &refused.replace("group", "task")),
            (rule, NotExercised, &format!("{refused}\n[8..12] alice rooms.archive $r1 => ?")),
            (
                rule,
                NotExercised,
                &format!(
                    r#"{refused}
                [15..17] bob participants.add {{"room": "$r1", "user": 3}} => 201 {{}}"#
                ),
            ),
        ]);
    }
}
