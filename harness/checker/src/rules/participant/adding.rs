//! Who is added is in.

use ahash::AHashMap;
use hearback_contract::Operation;
use hearback_history::{Call, Interval};
use serde_json::Value;

use super::{check_answer, is_by_admin, rosters};
use crate::model::Room;
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::member;
use crate::rules::room::known_users;

/// The fields of the request.
const FIELDS: [&str; 3] = ["room", "user", "is_admin"];

/// Somebody is asked into a room of this run.
struct Addition<'h> {
    call: &'h Call,
    room: &'h Room<'h>,
    user: i64,
    /// `is_admin` as asked for; false if not given, `None` if it is no boolean.
    is_admin: Option<bool>,
    /// Whether nothing is asked for that the request does not have.
    is_plain: bool,
}

fn additions<'h>(input: RuleInput<'h>) -> impl Iterator<Item = Addition<'h>> {
    let calls = input.history.calls_of(Operation::ParticipantsAdd);
    calls.filter(|call| call.is_authorized()).filter_map(move |call| {
        let request = call.request.as_ref()?.as_object()?;
        Some(Addition {
            call,
            room: input.model.room_of(call)?,
            user: request.get("user")?.as_i64()?,
            is_admin: request.get("is_admin").map_or(Some(false), Value::as_bool),
            is_plain: request.keys().all(|name| FIELDS.contains(&name.as_str())),
        })
    })
}

impl Addition<'_> {
    /// Whether every other stay of the user is `apart` from the addition.
    fn is_apart(&self, apart: impl Fn(Interval, Option<Interval>) -> bool) -> bool {
        let at = self.call.interval();
        let stays = self.room.members.get(&self.user).into_iter().flatten();
        stays
            .filter(|stay| stay.joined.invoked != at.invoked)
            .all(|stay| apart(stay.joined, stay.left))
    }
}

pub(super) fn add<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let known = known_users(input.history);
    let mut added: AHashMap<(&str, i64), Vec<&Call>> = AHashMap::new();
    for addition in additions(input) {
        let Addition { call, room, user, is_admin, is_plain } = addition;
        if call.succeeded() {
            added.entry((&room.id, user)).or_default().push(call);
        }
        // Who left may be refused (readd-member).
        let is_new = addition.is_apart(|joined, _| call.interval().precedes(joined));
        let is_ordinary = is_plain && is_admin.is_some() && known.contains(&user);
        let is_group = room.room_type == Some("group");
        if is_new && is_ordinary && is_group && is_by_admin(input, room, call) {
            let expected = || format!("an admin adds user {user} to the group: 201 or 200");
            let succeeds = |status| Operation::ParticipantsAdd.succeeds_with(status);
            check_answer(call, succeeds, ("by an admin", expected), context);
        }
    }
    if added.is_empty() {
        return;
    }
    for roster in rosters(input, context).iter().filter(|roster| roster.is_complete) {
        for (user, stays) in &roster.room.members {
            let Some(added) = added.get(&(roster.room.id.as_str(), *user)) else { continue };
            let stay = stays.iter().find(|stay| {
                stay.joined.precedes(roster.at)
                    && stay.left.is_none_or(|left| roster.at.precedes(left))
            });
            let call =
                stay.and_then(|stay| added.iter().find(|call| call.interval() == stay.joined));
            let Some(call) = call else { continue };
            context.check(roster.has(*user), || {
                Violation::new(
                    format!("{} after participants.add", roster.place()),
                    format!("user {user}, who was added, is a participant"),
                    format!(
                        "there are {:?}",
                        roster.current.iter().map(|it| it.0).collect::<Vec<_>>()
                    ),
                )
                .evidence(*call)
                .evidence(roster.call)
            });
        }
    }
}

pub(super) fn add_as_admin<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut added: AHashMap<(&str, i64), Vec<Addition<'h>>> = AHashMap::new();
    for addition in additions(input).filter(|addition| addition.call.succeeded()) {
        let at = addition.call.interval();
        let is_outside = addition.is_apart(|joined, left| {
            at.precedes(joined) || left.is_some_and(|left| left.precedes(at))
        });
        let Some(asked) = addition.is_admin.filter(|_| is_outside) else { continue };
        // What the answer holds is not documented (undocumented-bodies).
        let shown = addition.call.success().and_then(|body| body.get("is_admin")?.as_bool());
        if let Some(shown) = shown {
            context.check(shown == asked, || {
                violation("participants.add", asked, shown).evidence(addition.call)
            });
        }
        added.entry((&addition.room.id, addition.user)).or_default().push(addition);
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
        let (Some(asked), true) = (addition.is_admin, is_latest && room.surely_member(*user, at))
        else {
            continue;
        };
        let Some(shown) = member(observation.value, "is_admin", Value::as_bool, context) else {
            continue;
        };
        // Where an admin left, another may have become one (last-admin-leaves).
        let may_rise = || {
            let mut departures = room.members.values().flatten().filter_map(|stay| stay.left);
            departures.any(|left| left.invoked <= at.returned)
        };
        if shown && !asked && may_rise() {
            continue;
        }
        context.check(shown == asked, || {
            let place = observation.call.operation().map_or("", Operation::id);
            violation(place, asked, shown).evidence(*call).evidence(observation.call)
        });
    }
}

fn violation<'h>(place: &str, asked: bool, shown: bool) -> Violation<'h> {
    Violation::new(
        format!("{place}: is_admin of who was added"),
        format!("`is_admin` is {asked}, as asked for"),
        format!("it is {shown}"),
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{MADE, get, list};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    fn added(request: &str, answer: &str, lines: &[&str]) -> String {
        format!(
            r#"{MADE}
            [10..20] alice participants.add {{"room": "$r1", "user": 3{request}}} => {answer}
            {}"#,
            lines.join("\n")
        )
    }

    #[test]
    fn an_admin_adds_a_user_who_is_then_in() {
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

    #[test]
    fn who_is_added_is_an_admin_as_asked() {
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
