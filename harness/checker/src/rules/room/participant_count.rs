//! Checks that `participant_count` is the number of participants without `left_at` in the same
//! response. It abstains if a change of membership overlaps the response, because the two need not
//! be read at once.

use hearback_contract::{Operation, RequirementId};
use serde_json::Value;

use crate::model::WriteKind;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::member;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::RoomParticipantCount, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for observation in &input.model.room_observations {
        let call = observation.call;
        let Some(room) = observation.id().and_then(|id| input.model.room(id)) else {
            continue;
        };
        let participants = observation.participants();
        let count = member(observation.value, "participant_count", Value::as_u64, context);
        let (Some(participants), Some(count)) = (participants, count) else {
            context.inconclusive(Reason::SchemaBroken("participants".into()));
            continue;
        };
        if !input.model.is_quiet(room, &[WriteKind::Membership], call.interval()) {
            context.inconclusive(Reason::MembershipUncertain);
            continue;
        }
        context.check(count == participants.len() as u64, || {
            Violation::new(
                format!("{}: participant_count", call.operation().map_or("", Operation::id)),
                format!(
                    "`participant_count` is {}, the number of participants shown",
                    participants.len()
                ),
                format!("it is {count}"),
            )
            .magnitude(count.abs_diff(participants.len() as u64))
            .evidence(call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, Undecided};

    const CREATED: &str = r#"alice rooms.create {"room_type": "group", "name": "x", "participant_ids": [2]} => 201 @room {"id": "$r1", "participants": [@participant {"user": {"id": 1}}, @participant {"user": {"id": 2}}]}"#;

    #[test]
    fn the_count_is_the_number_of_participants() {
        const RULE: &str = "room/participant-count";
        let get = |count: &str| {
            format!(
                r#"{CREATED}
                bob rooms.get $r1 => 200 @room {{"id": "$r1", "participant_count": {count}, "participants": [@participant {{"user": {{"id": 1}}}}, @participant {{"user": {{"id": 2}}, "left_at": "2025-10-19T10:00:00Z"}}]}}"#
            )
        };
        let overlapping = format!(
            r#"[1..2] {CREATED}
            [9..11] bob rooms.leave $r1 => 200 {{}}
            [10..12] alice rooms.get $r1 => 200 @room {{"id": "$r1", "participant_count": 1}}"#
        );
        assert_states(&[
            (RULE, Held, &get("1")),
            (RULE, Broken, &get("2")),
            (RULE, Held, &get(r#""two""#)),
            (RULE, Held, &overlapping),
            (
                RULE,
                Broken,
                &CREATED.replace(r#""id": "$r1","#, r#""id": "$r1", "participant_count": 3,"#),
            ),
            (
                RULE,
                Undecided,
                &CREATED.replace(r#""id": "$r1","#, r#""id": "$r1", "participant_count": "3","#),
            ),
        ]);
    }
}
