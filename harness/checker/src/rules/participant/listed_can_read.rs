//! Checks that exactly the users who are listed as participants can read the room, also after memberships
//! changed at the same time, so that the order of the changes is unknown. A complete list is compared with the
//! `rooms.get` of each user before and after it, unless memberships may have changed in between.

use ahash::AHashMap;
use hearback_contract::{Operation, RequirementId, RoomRef, UserId};
use hearback_history::{Call, Interval};

use super::roster::{Roster, rosters};
use crate::model::{Room, WriteKind};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::refusal;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ParticipantListedCanRead, check };

/// A `rooms.get` of a user that succeeded or was refused.
#[derive(Clone, Copy)]
struct Attempt<'h> {
    call: &'h Call,
    user: UserId,
}

/// The latest list of a room, and the latest attempts to read it.
#[derive(Default)]
struct Latest<'r, 'h> {
    roster: Option<&'r Roster<'h>>,
    attempts: AHashMap<UserId, Attempt<'h>>,
}

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let rosters = rosters(input, context);
    let mut rosters = rosters.iter().filter(|roster| roster.is_complete).peekable();
    let mut rooms: AHashMap<RoomRef<'_>, Latest<'_, 'h>> = AHashMap::new();
    for call in input.history.calls.iter().filter(|call| call.is_authorized()) {
        let Some(room) = input.model.room_of(call) else { continue };
        let latest = rooms.entry(room.id.borrowed()).or_default();
        if let Some(attempt) = attempt(input, call) {
            if let Some(roster) = latest.roster {
                compare(input, room, roster, attempt, context);
            }
            latest.attempts.insert(attempt.user, attempt);
        }
        if let Some(roster) = rosters.next_if(|roster| roster.call.seq == call.seq) {
            for attempt in latest.attempts.values().filter(|attempt| attempt.call.seq != call.seq) {
                compare(input, room, roster, *attempt, context);
            }
            latest.roster = Some(roster);
        }
    }
}

fn attempt<'h>(input: RuleInput<'h>, call: &'h Call) -> Option<Attempt<'h>> {
    let is_decided = call.succeeded() || matches!(call.status(), Some(403 | 404));
    let is_read = call.operation() == Some(Operation::RoomsGet) && is_decided;
    let user = input.model.user_id(&call.invocation.actor).filter(|_| is_read)?;
    Some(Attempt { call, user })
}

fn compare<'h>(
    input: RuleInput<'h>,
    room: &Room<'h>,
    roster: &Roster<'h>,
    attempt: Attempt<'h>,
    context: &mut RuleContext<'h>,
) {
    let at = attempt.call.interval();
    let between = Interval {
        invoked: roster.at.invoked.min(at.invoked),
        returned: roster.at.returned.max(at.returned),
    };
    let is_quiet = room.creation.interval().precedes(between)
        && input.model.is_quiet(room, &[WriteKind::Membership, WriteKind::Room], between);
    if !is_quiet {
        context.inconclusive(Reason::MembershipUncertain);
        return;
    }
    let (is_listed, can_read) = (roster.has(attempt.user), attempt.call.succeeded());
    context.check(is_listed == can_read, || {
        let who = &attempt.call.invocation.actor;
        let (variant, expected) = match is_listed {
            true => ("listed, and cannot read", "can read the room"),
            false => ("not listed, and can read", "cannot read the room"),
        };
        Violation::new(
            variant,
            format!("{who}, as {} shows, {expected}", roster.place()),
            format!("rooms.get is {}", refusal(attempt.call)),
        )
        .evidence(roster.call)
        .evidence(attempt.call)
    });
}

#[cfg(test)]
mod tests {
    use crate::rules::participant::roster::testing::{CREATED, list, shown};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, Undecided};

    #[test]
    fn listed_users_can_read() {
        const RULE: &str = "participant/listed-can-read";
        let listed = |users: &[(i64, bool)]| list("", users, "null");
        let both = listed(&[(1, true), (2, false)]);
        let alone = listed(&[(1, true)]);
        let get = |answer: &str| format!("bob rooms.get $r1 => {answer}");
        let read = get(&format!(
            r#"200 @room {{"id": "$r1", "participants": [{}]}}"#,
            shown(&[(1, true), (2, false)])
        ));
        let refused = get("404 @error");
        let history = |lines: &[&str]| format!("{CREATED}\n{}", lines.join("\n"));
        let leaving = "bob rooms.leave $r1 => 200 {}";
        assert_states(&[
            (RULE, Held, &history(&[&both, &read])),
            (RULE, Held, &history(&[&refused, &alone])),
            (RULE, Broken, &history(&[&both, &refused])),
            (RULE, Broken, &history(&[&read, &alone])),
            (RULE, Undecided, &history(&[&both, leaving, &refused])),
            (RULE, Undecided, &history(&[leaving, &refused])),
        ]);
    }
}
