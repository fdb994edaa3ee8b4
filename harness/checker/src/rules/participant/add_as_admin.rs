//! Checks that an added user has the requested `is_admin`, in the response, where it has one, and
//! in every later read. Other memberships of the same user must certainly be apart from this one. A
//! later promotion is skipped if an admin may have left, because the role may have been inherited
//! (`last-admin-leaves`).

use ahash::AHashMap;
use hearback_contract::{Operation, RequirementId, RoomRef, UserId};
use serde_json::Value;

use super::additions::{Addition, additions};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::member;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ParticipantAddAsAdmin, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut added: AHashMap<(RoomRef<'_>, UserId), Vec<Addition<'h>>> = AHashMap::new();
    for addition in additions(input).filter(|addition| addition.call.succeeded()) {
        let at = addition.call.interval();
        let is_outside = addition.is_apart(|joined, left| {
            at.precedes(joined) || left.is_some_and(|left| left.precedes(at))
        });
        let Some(requested) = addition.is_admin.filter(|_| is_outside) else { continue };
        // The response need not have it (undocumented-bodies).
        let shown = addition.call.success().and_then(|body| body.get("is_admin")?.as_bool());
        if let Some(shown) = shown {
            context.check(shown == requested, || {
                violation("participants.add", requested, shown).evidence(addition.call)
            });
        }
        added.entry((addition.room.id.borrowed(), addition.user)).or_default().push(addition);
    }
    for observation in input.model.participant_observations.iter().filter(|it| it.is_current()) {
        let at = observation.call.interval();
        let added = added.get(&(observation.room, observation.user)).into_iter().flatten();
        let Some(addition) = added.rev().find(|it| it.call.interval().precedes(at)) else {
            continue;
        };
        let Addition { call, room, user, .. } = addition;
        let is_latest =
            addition.is_apart(|joined, _| joined.precedes(call.interval()) || at.precedes(joined));
        let (Some(requested), true) =
            (addition.is_admin, is_latest && room.surely_member(*user, at))
        else {
            continue;
        };
        let Some(shown) = member(observation.value, "is_admin", Value::as_bool, context) else {
            continue;
        };
        // If an admin left, another member may have become one (last-admin-leaves).
        let may_be_promoted = || {
            let mut departures =
                room.members.values().flatten().filter_map(|membership| membership.left);
            departures.any(|left| left.invoked <= at.returned)
        };
        if shown && !requested && may_be_promoted() {
            continue;
        }
        context.check(shown == requested, || {
            let place = observation.call.operation().map_or("", Operation::id);
            violation(place, requested, shown).evidence(*call).evidence(observation.call)
        });
    }
}

fn violation<'h>(place: &str, requested: bool, shown: bool) -> Violation<'h> {
    Violation::new(
        format!("{place}: is_admin of the added user"),
        format!("`is_admin` is {requested}, as requested"),
        format!("it is {shown}"),
    )
}

#[cfg(test)]
mod tests {
    use crate::rules::participant::additions::testing::added;
    use crate::rules::participant::roster::testing::get;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn added_users_are_admins_as_requested() {
        let rule = "participant/add-as-admin";
        let answer = |is_admin: bool| format!(r#"201 @participant {{"is_admin": {is_admin}}}"#);
        let shown = |is_admin: bool| get("[30..31]", &[(1, true), (3, is_admin)]);
        let (yes, no) = (r#", "is_admin": true"#, r#", "is_admin": false"#);
        let leaving = "[22..25] bob rooms.leave $r1 => 200 {}";
        assert_states(&[
            (rule, Held, &added(yes, &answer(true), &[])),
            (rule, Broken, &added(yes, &answer(false), &[])),
            (rule, Broken, &added(no, &answer(true), &[])),
            (rule, Broken, &added("", &answer(true), &[])),
            (rule, Held, &added("", "201 {}", &[&shown(false)])),
            (rule, Broken, &added("", "201 {}", &[&shown(true)])),
            (rule, Broken, &added(yes, "201 {}", &[&shown(false)])),
            (rule, NotExercised, &added("", "201 {}", &[&shown(true), leaving])),
            (rule, Broken, &added(yes, "201 {}", &[&shown(false), leaving])),
            (rule, NotExercised, &added(yes, "?", &[&shown(false)])),
            (rule, NotExercised, &added(yes, "400 @error", &[&shown(false)])),
        ]);
    }
}
