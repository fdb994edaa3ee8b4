//! Checks that `messages.get` and `messages.list` show the same message to the same user. Each read
//! is compared with the latest read of the other operation; it abstains if anything may have been
//! written in the room in between. Links may be signed anew, and times may be written differently.

use ahash::AHashMap;
use hearback_contract::{MessageRef, Operation, RequirementId, schemas};
use hearback_history::Interval;
use serde_json::Value;

use super::field_comparison::{is_same, part};
use crate::model::{MessageObservation, WriteKind};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::shown;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageGetEqualsList, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let model = schemas::model("chat_message").and_then(|it| it.json["properties"].as_object());
    let Some(fields) = model else { return };
    // The latest reads of each message by each user: the detail, and the list item.
    let mut last: AHashMap<(&str, MessageRef<'_>), [Option<&MessageObservation<'h>>; 2]> =
        AHashMap::new();
    for observation in &input.model.observations {
        let (index, other) = match observation.operation {
            Some(Operation::MessagesGet) => (0, 1),
            Some(Operation::MessagesList) => (1, 0),
            _ => continue,
        };
        let Some(message) = observation.id().and_then(|id| input.model.message(id)) else {
            continue;
        };
        let Some(room) = input.model.rooms.get(&message.room) else { continue };
        let pair = last.entry((observation.viewer.as_str(), message.id.borrowed())).or_default();
        pair[index] = Some(observation);
        let Some(earlier) = pair[other] else { continue };
        let between = Interval {
            invoked: earlier.at.invoked.min(observation.at.invoked),
            returned: earlier.at.returned.max(observation.at.returned),
        };
        if !input.model.is_quiet(room, &WriteKind::ALL, between) {
            context.inconclusive(Reason::ConcurrentWrites);
            continue;
        }
        for field in fields.keys() {
            let values = part(earlier.value, field).zip(part(observation.value, field));
            let Some((left, right)) = values else { continue };
            context.check(agrees(field, left, right), || {
                Violation::new(
                    format!("{field} in messages.get and messages.list"),
                    format!("{field} is the same in messages.get and messages.list"),
                    format!(
                        "{field} is {} in {}, and {} in {}",
                        shown(left),
                        earlier.place(),
                        shown(right),
                        observation.place()
                    ),
                )
                .member(field)
                .evidence(earlier.evidence)
                .evidence(observation.evidence)
            });
        }
    }
}

/// Returns whether two reads of a field agree. A link may be signed anew for each.
fn agrees(field: &str, left: &Value, right: &Value) -> bool {
    match (field, left, right) {
        ("attachment", Value::String(left), Value::String(right)) => {
            left.split('?').next() == right.split('?').next()
        }
        ("read_by", Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(user, time)| {
                    right.get(user).is_some_and(|other| is_same("read_at", time, other))
                })
        }
        _ => is_same(field, left, right),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn get_and_list_agree() {
        let reads = |lister: &str, between: &str, fields: &str| {
            format!(
                r#"
                alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
                alice messages.send {{"room": "$r1", "content": "a"}} => 201 @message {{"id": "$m1", "room": "$r1"}}
                bob messages.get $m1 => 200 @message {{"id": "$m1", "room": "$r1"}}
                {between}
                {lister} messages.list ?room=$r1 => 200 {{"count": 1, "next": null, "previous": null, "results": [@message {{"id": "$m1", "room": "$r1"{fields}}}]}}
                "#
            )
        };
        let rule = "message/get-equals-list";
        let edited = r#", "is_edited": true"#;
        assert_states(&[
            (rule, Held, &reads("bob", "", "")),
            (rule, Held, &reads("bob", "", r#", "created_at": "2025-10-19T16:30:00+02:00""#)),
            (rule, Broken, &reads("bob", "", edited)),
            (rule, Broken, &reads("bob", "", r#", "read_by": {"3": "$absent"}"#)),
            (rule, NotExercised, &reads("alice", "", edited)),
            (
                rule,
                Undecided,
                &reads("bob", "alice messages.edit $m1 {\"content\": \"b\"} => ?", edited),
            ),
            (rule, Undecided, &reads("bob", "alice rooms.mark_read $r1 => 200 {}", edited)),
        ]);
    }
}
