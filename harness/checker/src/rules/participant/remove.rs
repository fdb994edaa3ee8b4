//! Checks that an admin can remove members from a group, and that removed users are not current
//! participants afterwards. The request must succeed if the creator, who is certainly an admin,
//! removes another certain member. Later lists and rooms must not show the user until they may have
//! been added again.

use ahash::AHashMap;
use hearback_contract::{Operation, RequirementId, RoomRef, UserId};
use hearback_history::Call;

use super::responses::{check_status, is_by_admin};
use super::roster::rosters;
use crate::model::{Departure, Room};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ParticipantRemove, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut removed: AHashMap<RoomRef<'_>, AHashMap<UserId, Vec<&Call>>> = AHashMap::new();
    for call in input.history.calls_of(Operation::ParticipantsRemove) {
        let subject = call.participant_in_path().and_then(|id| input.model.participant(id));
        let Some((room, user)) = subject.filter(|_| call.is_authorized()) else { continue };
        if call.succeeded() {
            removed.entry(room.id.borrowed()).or_default().entry(user).or_default().push(call);
        }
        let is_other = input.model.user_id(&call.invocation.actor) != Some(user);
        let is_group = room.room_type == Some("group");
        if is_other && is_group && is_member(room, user, call) && is_by_admin(input, room, call) {
            let expected = || format!("an admin can remove user {user} from the group: 200 or 204");
            let succeeds = |status| Operation::ParticipantsRemove.succeeds_with(status);
            check_status(call, succeeds, ("by an admin", expected), context);
        }
    }
    if removed.is_empty() {
        return;
    }
    for roster in rosters(input, context) {
        for (user, removals) in removed.get(&roster.room.id.borrowed()).into_iter().flatten() {
            let memberships = roster.room.members.get(user).map_or(&[][..], Vec::as_slice);
            let mut past =
                memberships.iter().rev().filter(|membership| membership.joined.precedes(roster.at));
            let was_removed = past
                .next()
                .is_some_and(|membership| membership.departure == Some(Departure::Removed));
            let removal = removals.iter().rev().find(|call| call.interval().precedes(roster.at));
            let Some(removal) =
                removal.filter(|_| was_removed && roster.room.surely_outside(*user, roster.at))
            else {
                continue;
            };
            context.check(!roster.has(*user), || {
                Violation::new(
                    format!("{} after participants.remove", roster.place()),
                    format!("user {user}, who was removed, is not a current participant"),
                    "the user is a participant whose `left_at` is null",
                )
                .evidence(*removal)
                .evidence(roster.call)
            });
        }
    }
}

/// Returns whether the user is certainly a member, apart from this removal.
fn is_member(room: &Room<'_>, user: UserId, removal: &Call) -> bool {
    let at = removal.interval();
    let mut memberships = room.members.get(&user).into_iter().flatten();
    memberships.any(|membership| {
        membership.joined.precedes(at)
            && membership.left.is_none_or(|left| left.invoked == at.invoked || at.precedes(left))
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::participant::roster::testing::{CREATED, get, list};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn removed_users_are_not_participants() {
        let rule = "participant/remove";
        let of = |answer: &str, lines: &[&str]| {
            let lines = lines.join("\n");
            format!("{CREATED}\n[10..20] alice participants.remove 2 => {answer}\n{lines}")
        };
        let (with, without) =
            (get("[30..31]", &[(1, true), (2, false)]), get("[30..31]", &[(1, true)]));
        let listed = list("[30..31]", &[(1, true), (2, false)], "\"x\"");
        let back = r#"[22..25] alice participants.add {"room": "$r1", "user": 2} => ?"#;
        let leaving = "[5..9] bob rooms.leave $r1 => ?";
        assert_states(&[
            (rule, Held, &of("200 {}", &[])),
            (rule, Held, &of("200 {}", &[&without])),
            (rule, Broken, &of("200 {}", &[&with])),
            (rule, Broken, &of("200 {}", &[&listed])),
            (rule, Held, &of("200 {}", &[&with.replace("[30", "[15")])),
            (rule, Held, &of("200 {}", &[&with, back])),
            (rule, Broken, &of("403 @error", &[&with])),
            (rule, Undecided, &of("502 @error", &[&with])),
            (rule, NotExercised, &of("403 @error", &[leaving])),
            (
                rule,
                NotExercised,
                &of("403 @error", &[]).replace("alice participants", "bob participants"),
            ),
            (rule, NotExercised, &of("400 @error", &[]).replace("remove 2", "remove 1")),
            (rule, NotExercised, &of("400 @error", &[]).replace("group", "task")),
        ]);
    }
}
