//! Checks that no two sends are answered with the same message id.

use ahash::AHashMap;
use hearback_contract::{Operation, RequirementId};
use hearback_history::Call;

use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::success;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageUniqueId, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut ids: AHashMap<&str, &Call> = AHashMap::new();
    for call in input.history.calls_of(Operation::MessagesSend) {
        let Some(id) = success(call, context).and_then(|body| body.get("id")?.as_str()) else {
            continue;
        };
        let earlier = ids.insert(id, call);
        context.check(earlier.is_none(), || {
            let violation = Violation::new(
                "messages.send id",
                "every message has a unique id",
                format!("two responses have the id {id}"),
            );
            earlier.into_iter().fold(violation, Violation::evidence).evidence(call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held};

    const ROOM: &str = r#"alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}"#;

    #[test]
    fn ids_are_unique() {
        let second = |id: &str| {
            format!(
                r#"{ROOM}
                alice messages.send {{"room": "$r1", "content": "a"}} => 201 @message {{"id": "$m1"}}
                alice messages.send {{"room": "$r1", "content": "b"}} => 201 @message {{"id": "{id}"}}"#
            )
        };
        assert_states(&[
            ("message/unique-id", Held, &second("$m2")),
            ("message/unique-id", Broken, &second("$m1")),
        ]);
    }
}
