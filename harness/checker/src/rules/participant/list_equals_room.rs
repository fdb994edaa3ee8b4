//! Checks that `participants.list` and the full room show the same current participants with the
//! same admin rights. Each complete list is compared with the latest full room and the reverse,
//! unless memberships may have changed in between.

use std::collections::BTreeMap;

use ahash::AHashMap;
use hearback_contract::{RequirementId, RoomRef, UserId};
use hearback_history::Interval;

use super::roster::{Roster, rosters};
use crate::model::WriteKind;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ParticipantListEqualsRoom, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let rosters = rosters(input, context);
    let mut latest: AHashMap<RoomRef<'_>, [Option<&Roster<'h>>; 2]> = AHashMap::new();
    for roster in rosters.iter().filter(|roster| roster.is_complete) {
        let sides = latest.entry(roster.room.id.borrowed()).or_default();
        sides[usize::from(roster.is_list())] = Some(roster);
        let [Some(room), Some(list)] = *sides else { continue };
        let between = Interval {
            invoked: room.at.invoked.min(list.at.invoked),
            returned: room.at.returned.max(list.at.returned),
        };
        let since_made = room.room.creation.interval().precedes(between);
        if !since_made || !input.model.is_quiet(room.room, &[WriteKind::Membership], between) {
            context.inconclusive(Reason::MembershipUncertain);
            continue;
        }
        let (one, other) = (admins_by_user(room), admins_by_user(list));
        context.check(one == other, || {
            Violation::new(
                "participants.list and rooms.get",
                format!("both have the same participants and admins (true): {one:?}"),
                format!("participants.list has {other:?}"),
            )
            .evidence(room.call)
            .evidence(list.call)
        });
    }
}

fn admins_by_user(roster: &Roster<'_>) -> BTreeMap<UserId, bool> {
    let readable = roster.current.iter().filter_map(|(user, admin)| Some((*user, (*admin)?)));
    readable.collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::participant::roster::testing::{CREATED, get, list};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn users_are_listed_once() {
        let rule = "participant/listed-once";
        let of = |line: &str| format!("{CREATED}\n{line}");
        let twice = get("[10..11]", &[(1, true), (2, false), (1, true)]);
        let departed =
            twice.replacen("\"left_at\": null", "\"left_at\": \"2026-01-01T00:00:00Z\"", 1);
        assert_states(&[
            (rule, Held, &of(&get("[10..11]", &[(1, true), (2, false)]))),
            (rule, Broken, &of(&twice)),
            (rule, Broken, &of(&list("[10..11]", &[(2, false), (2, true)], "null"))),
            (rule, Held, &of(&departed)),
        ]);
        let rule = "participant/list-equals-room";
        assert_states(&[(rule, NotExercised, &of(&twice))]);
    }

    #[test]
    fn list_and_room_agree() {
        let rule = "participant/list-equals-room";
        let of = |room: &[(i64, bool)], users: &[(i64, bool)], between: &str| {
            format!(
                "{CREATED}\n{}\n{between}\n{}",
                get("[10..11]", room),
                list("[20..21]", users, "null")
            )
        };
        let both = [(1, true), (2, false)];
        let add = r#"[12..13] alice participants.add {"room": "$r1", "user": 3} => 201 {}"#;
        assert_states(&[
            (rule, Held, &of(&both, &[(2, false), (1, true)], "")),
            (rule, Broken, &of(&both, &[(1, true)], "")),
            (rule, Broken, &of(&both, &[(1, true), (2, true)], "")),
            (rule, Broken, &of(&both, &[(1, true), (2, false), (3, false)], "")),
            (rule, Undecided, &of(&both, &[(1, true), (2, false), (3, false)], add)),
        ]);
        // A server may filter lists by membership, so that users who are not members get an empty one.
        let outsider =
            of(&both, &[], "").replace("alice participants.list", "erin participants.list");
        assert_states(&[(rule, NotExercised, &outsider)]);
    }
}
