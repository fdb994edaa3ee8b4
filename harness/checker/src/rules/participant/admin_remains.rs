//! Checks that a room that its only admin and another member left, one after the other or at the same time, has
//! an admin afterwards. A target that lets rooms be without an admin may do so (last-admin-leaves), so
//! the rule abstains unless another room of the run shows that a member succeeds an admin who leaves.

use std::collections::BTreeSet;

use hearback_contract::{Operation, RequirementId, UserId};
use hearback_history::Interval;

use super::roster::{Roster, rosters};
use crate::model::{Room, WriteKind};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ParticipantAdminRemains, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let rosters = rosters(input, context);
    let settled: Vec<_> = rosters
        .iter()
        .filter(|roster| roster.is_complete && !roster.current.is_empty())
        .filter(|roster| {
            input.model.is_quiet(roster.room, &[WriteKind::Membership], roster.at)
                && roster.current.iter().all(|(_, is_admin)| is_admin.is_some())
        })
        .collect();
    let mut is_succession = None;
    for roster in &settled {
        let has_lost_two = leaves(input, roster.room, roster.at).len() > 1;
        if !has_lost_two || !has_lost_creator(input, roster) {
            continue;
        }
        let is_succession = *is_succession
            .get_or_insert_with(|| settled.iter().any(|other| shows_succession(input, other)));
        if !is_succession {
            context.inconclusive(Reason::Unspecified);
            continue;
        }
        context.check(has_admin(roster), || {
            Violation::new(
                "two members leave",
                "another member succeeds the admin who left, as in another room",
                format!("{} shows no admin", roster.place()),
            )
            .evidence(roster.room.creation)
            .evidence(roster.call)
        });
    }
}

fn has_admin(roster: &Roster<'_>) -> bool {
    roster.current.iter().any(|(_, is_admin)| *is_admin == Some(true))
}

/// Returns whether the creator, the only admin of a new room, is not a member any more.
fn has_lost_creator(input: RuleInput<'_>, roster: &Roster<'_>) -> bool {
    let creator = input.model.user_id(&roster.room.creator);
    creator.is_some_and(|creator| !roster.has(creator))
}

/// Returns whether a member succeeded the creator, who left alone, as an admin.
fn shows_succession(input: RuleInput<'_>, roster: &Roster<'_>) -> bool {
    let additions = input.history.calls_of(Operation::ParticipantsAdd);
    let mut of_room =
        additions.filter(|call| call.room_in_request() == Some(roster.room.id.borrowed()));
    has_lost_creator(input, roster)
        && has_admin(roster)
        && leaves(input, roster.room, roster.at).len() == 1
        && of_room.next().is_none()
}

/// The users who certainly left a room before a time.
fn leaves(input: RuleInput<'_>, room: &Room<'_>, before: Interval) -> BTreeSet<UserId> {
    let calls = input.history.calls_of(Operation::RoomsLeave);
    let of_room = calls.filter(|call| {
        call.succeeded()
            && call.is_authorized()
            && call.room_in_path() == Some(room.id.borrowed())
            && call.interval().precedes(before)
    });
    of_room.filter_map(|call| input.model.user_id(&call.invocation.actor)).collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn an_admin_remains() {
        const RULE: &str = "participant/admin-remains";
        let member = |user: u8, admin: bool| {
            format!(
                r#"@participant {{"id": {user}, "user": {{"id": {user}}}, "is_admin": {admin}}}"#
            )
        };
        let create = |name: &str| {
            let all = [member(1, true), member(2, false), member(3, false)].join(", ");
            format!(
                r#"alice rooms.create {{"room_type": "group", "participant_ids": [2, 3]}} => 201 @room {{"id": "${name}", "participants": [{all}]}}"#
            )
        };
        let get = |name: &str, members: &[String]| {
            format!(
                r#"carol rooms.get ${name} => 200 @room {{"id": "${name}", "participants": [{}]}}"#,
                members.join(", ")
            )
        };
        let alone = |is_admin: bool| {
            let shown = get("r2", &[member(2, is_admin), member(3, false)]);
            format!("{}\nalice rooms.leave $r2 => 200 {{}}\n{shown}", create("r2"))
        };
        let at_once = |second: &str, is_admin: bool| {
            let shown = get("r1", &[member(3, is_admin)]);
            let leave = "[100..110] alice rooms.leave $r1 => 200 {}";
            format!(
                "{}\n{leave}\n[{second}] bob rooms.leave $r1 => 200 {{}}\n[200..201] {shown}",
                create("r1")
            )
        };
        let history = |succeeds: bool, second: &str, is_admin: bool| {
            format!("{}\n{}", alone(succeeds), at_once(second, is_admin))
        };
        assert_states(&[
            (RULE, Held, &history(true, "105..115", true)),
            (RULE, Broken, &history(true, "105..115", false)),
            (RULE, Undecided, &history(false, "105..115", false)),
            (RULE, Broken, &history(true, "120..125", false)),
            (RULE, NotExercised, &alone(true)),
        ]);
    }
}
